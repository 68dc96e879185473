//! The properties that the fuzz targets check.

pub mod properties;
