//! A data segment becomes a message.
