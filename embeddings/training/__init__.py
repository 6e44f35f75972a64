"""How the bundled Korean-English model is made, and how any model is measured.

One command rebuilds the model::

    python -m embeddings.training --corpus CORPUS --output embeddings/bundled

and one measures any sentence-transformers model, or several, with mean and spread::

    python -m embeddings.training.evaluate --data CORPUS/eval --model PATH [--model PATH ...]
"""
