//! The properties that the fuzz targets check.

pub mod mutations;
pub mod properties;
