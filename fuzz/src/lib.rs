//! The properties that the fuzz targets check.

pub mod schemas;
pub mod types;
