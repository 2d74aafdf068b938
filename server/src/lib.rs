//! The server: configuration, middleware order, stores, operations. A library, so that tests boot the real router.

pub mod check;
pub mod cli;
pub mod configuration;
pub mod middleware;
pub mod router;
pub mod routes;
pub mod serve;
pub mod state;
pub mod telemetry;
