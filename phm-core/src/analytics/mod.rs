//! Pure functions over records.
