"""Text in, neighbours out: encoders and vector indexes that know strings, ids and vectors only."""
