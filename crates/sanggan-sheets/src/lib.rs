//! Tables as people exchange them: CSV and XLSX, bytes in and bytes out, every cell as text with its line.
//!
//! Knows no file, no column's meaning and no law.
