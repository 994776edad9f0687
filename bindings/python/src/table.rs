//! Tables as Python sees them: something that hands out Arrow streams.

use std::sync::Arc;

use phm_arrow::{schema_of, stream};
use phm_core::model::Kinds;
use phm_core::vault::flat::{self, Column, Of};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::failure::{self, Failure, detached};

/// Rows of a vault, column by column; can be handed out as often as somebody asks.
#[pyclass(frozen, module = "phm._phm")]
pub struct Table(Arc<flat::Table>);

impl Table {
    pub fn new(table: flat::Table) -> Self {
        Self(Arc::new(table))
    }
}

/// Name, type, unit and meaning of a column.
type About = (String, &'static str, Option<String>, String);

fn about(column: &Column) -> About {
    let of = match column.of {
        Of::Text => "text",
        Of::Word => "word",
        Of::Integer => "integer",
        Of::Number => "number",
        Of::Boolean => "boolean",
        Of::Moment => "moment",
    };
    (column.name.clone(), of, column.unit.clone(), column.doc.clone())
}

#[pymethods]
impl Table {
    /// The table as an Arrow stream (PyCapsule interface); the requested schema is not heeded, as the interface allows.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        drop(requested_schema);
        PyCapsule::new_with_value(py, stream(Arc::clone(&self.0)), c"arrow_array_stream")
    }

    /// The table's schema (PyCapsule interface).
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        PyCapsule::new_with_value(py, schema_of(&self.0), c"arrow_schema")
    }

    fn __len__(&self) -> usize {
        self.0.rows()
    }

    /// What it is a table of: a kind, or `samples`.
    #[getter]
    fn name(&self) -> &str {
        &self.0.name
    }

    /// Name, type, unit and meaning of each column.
    #[getter]
    fn columns(&self) -> Vec<About> {
        self.0.columns.iter().map(about).collect()
    }
}

/// Makes a table of `kind` of records as the API answers them, in a JSON list.
#[pyfunction]
pub fn table_of(py: Python<'_>, kind: &str, records: &str) -> PyResult<Table> {
    detached(py, || {
        let records = failure::json(records)?;
        let records = records.as_array().map_or(&[][..], Vec::as_slice);
        Ok(Table::new(flat::table_of(&Kinds::standard(), kind, records)?))
    })
}

/// Makes a table of samples as the API answers them, in a JSON list of `{"profile","series","unit","samples"}`.
#[pyfunction]
pub fn samples_of(py: Python<'_>, series: &str) -> PyResult<Table> {
    detached(py, || {
        let series = failure::json(series)?;
        Ok(Table::new(flat::samples_of(series.as_array().map_or(&[][..], Vec::as_slice))?))
    })
}

/// The columns a table of `kind` has.
#[pyfunction]
pub fn columns_of(py: Python<'_>, kind: &str) -> PyResult<Vec<About>> {
    let columns = flat::describe(&Kinds::standard(), kind);
    columns.map(|columns| columns.iter().map(about).collect()).map_err(|error| Failure::from(error).raise(py))
}
