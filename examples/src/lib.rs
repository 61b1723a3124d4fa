//! Programs that show mailwire at work: see `src/bin`.
