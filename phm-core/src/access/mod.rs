//! Who may do what, for how long: actors, relations, grants and the policy that decides.
