//! Answers of the core that the OpenAPI document describes by another type.
//!
//! The core knows nothing of OpenAPI: what it answers is written down as it is, and described by a struct of the same
//! fields beside the operation. A test compares the two for what clients rely on.

use std::borrow::Cow;
use std::marker::PhantomData;

use poem_openapi::registry::{MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use serde::{Serialize, Serializer};

/// A `T`, described as a `D`.
pub struct As<T, D>(T, PhantomData<fn() -> D>);

impl<T, D> As<T, D> {
    /// What is answered.
    pub const fn new(answer: T) -> Self {
        Self(answer, PhantomData)
    }
}

impl<T: Serialize, D> Serialize for As<T, D> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<T: Send + Sync, D: Type> Type for As<T, D> {
    const IS_REQUIRED: bool = true;

    type RawValueType = T;
    type RawElementValueType = T;

    fn name() -> Cow<'static, str> {
        D::name()
    }

    fn schema_ref() -> MetaSchemaRef {
        D::schema_ref()
    }

    fn register(registry: &mut Registry) {
        D::register(registry);
    }

    fn as_raw_value(&self) -> Option<&T> {
        Some(&self.0)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a T> + 'a> {
        Box::new(self.as_raw_value().into_iter())
    }
}
