//! The HTTP edge over a real socket, on a real lake and store.

mod chain;
mod edge;
mod explain;
mod journal;
mod law;
mod live;
mod oidc;
mod periods;
mod registers;
mod resources;
mod rights;
mod scopes;
mod seen;
mod session;
mod tokens;
mod water;
mod world;
