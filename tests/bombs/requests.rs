//! Requests and events that are bombs.
