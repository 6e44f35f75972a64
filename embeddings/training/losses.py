"""What the student is asked for: functions of unit vectors, one text a row, that return a scalar tensor."""

import torch
from torch import Tensor
from torch.nn import functional

RANKING_SCALE = 20.0
RELATIONAL_SCALE = 50.0
SMALLEST_SPREAD = 1e-6


def ranking_loss(korean: Tensor, english: Tensor, same: Tensor, scale: float = RANKING_SCALE) -> Tensor:
    """Multiple-negatives ranking, both ways: each text should find its own translation in the batch.

    Henderson et al. 2017, arXiv:1705.00652.

    Args:
        korean, english: shape (batch, dimension).
        same: boolean, shape (batch, batch); true where two rows share a text and are no negatives of each
            other. The diagonal is ignored.
        scale: inverse temperature of the softmax over cosines.
    """
    own = torch.eye(len(same), dtype=torch.bool)
    logits = (scale * korean @ english.T).masked_fill(same & ~own, float("-inf"))
    target = torch.arange(len(logits))
    forward, backward = functional.cross_entropy(logits, target), functional.cross_entropy(logits.T, target)
    return (forward + backward) / 2


def imitation_loss(student: Tensor, teacher: Tensor) -> Tensor:
    """Mean cosine distance to the teacher's vectors of the English side.

    Reimers and Gurevych 2020, "Making Monolingual Sentence Embeddings Multilingual", arXiv:2004.09813 (there
    with the squared error; the cosine suits unit vectors).
    """
    return (1.0 - (student * teacher).sum(dim=1)).mean()


def relational_loss(korean: Tensor, english: Tensor, teacher: Tensor) -> Tensor:
    """Squared error of the similarities within the batch against the teacher's, in and across the languages.

    After Park et al. 2019, "Relational Knowledge Distillation", arXiv:1904.05068.
    """
    wanted = teacher @ teacher.T
    pairs = ((english, english), (korean, korean), (korean, english))
    errors = [functional.mse_loss(left @ right.T, wanted) for left, right in pairs]
    return RELATIONAL_SCALE * torch.stack(errors).mean()


def correlation_loss(similarities: Tensor, scores: Tensor) -> Tensor:
    """One minus Pearson's correlation of similarities with human scores, both of shape (pairs,).

    It asks for the right order and spacing and leaves the level of similarity to the teacher. A ranking of pairs
    against pairs (CoSENT) fits the few thousand training pairs too closely: it was worse on unseen pairs.
    """
    return 1.0 - (_standardised(similarities) * _standardised(scores)).mean()


def _standardised(values: Tensor) -> Tensor:
    centred = values - values.mean()
    return centred / centred.square().mean().sqrt().clamp_min(SMALLEST_SPREAD)
