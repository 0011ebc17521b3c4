//! The HTTP edge over a real socket, on a real lake and store.

mod chain;
mod edge;
mod explain;
mod law;
mod live;
mod periods;
mod resources;
mod rights;
mod session;
mod water;
mod world;
