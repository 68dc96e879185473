//! The interface for back ends: a walk over a schema that calls one method per construct.

use std::collections::HashMap;
use std::sync::OnceLock;

use qapi_parser::ir::{
    Alternate, Command, CommandId, DocId, Entity, Enum, Event, EventId, Module, ModuleId, Object,
    Schema, TypeDef, TypeId, TypeKind, Union,
};
use qapi_parser::source::FileId;

use crate::Output;
use crate::documentation::Documentation;

/// A back end: makes files of a schema, construct by construct.
///
/// [`drive`] walks a schema once and calls these methods. A back end collects what it makes in itself, and hands it out as
/// an [`Output`] in the end; it touches no disk.
///
/// # Order
///
/// 1. [`begin`](Self::begin) is called first and [`finish`](Self::finish) last, each once.
/// 2. Modules come in the order of [`Schema::modules`]: the predefined one, the root file, then each file at its first
///    include. Everything in a module is visited between its [`begin_module`](Self::begin_module) and
///    [`end_module`](Self::end_module); modules do not nest.
/// 3. Within a module, definitions come in the order in which they are written, and free-form
///    [`text`](Self::text) stands between them where the author put it.
/// 4. Types that the compiler made for a definition ([`implicit`](Self::implicit)) come before it, unless it made them for a
///    definition of another module as well: an array belongs to the module of its elements.
/// 5. Every entity of the schema is visited exactly once, except include directives.
/// 6. A definition may refer to itself and to later ones. The [`Context`] knows all of them at any time.
/// 7. An error ends the walk at once.
///
/// # Examples
///
/// A back end that lists commands:
///
/// ```
/// use qapi_codegen::{Backend, Context, Output, OutputError, drive};
/// use qapi_parser::ir::{Alternate, Command, CommandId, Enum, Event, EventId, Object, TypeId, Union};
///
/// #[derive(Default)]
/// struct Commands(String);
///
/// impl Backend for Commands {
///     type Error = OutputError;
///
///     fn command(&mut self, cx: &Context<'_>, _: CommandId, command: &Command) -> Result<(), OutputError> {
///         let returns = command.returns.map_or("nothing", |id| &cx.schema().ty(id).name);
///         self.0 += &format!("{}: {returns}\n", command.name);
///         Ok(())
///     }
///
///     fn finish(self, _: &Context<'_>) -> Result<Output, OutputError> {
///         let mut output = Output::default();
///         output.insert("commands.txt", self.0)?;
///         Ok(output)
///     }
/// }
///
/// let text = "{ 'struct': 'Size', 'data': { 'bytes': 'size' } }
///             { 'command': 'stop' }
///             { 'command': 'query-sizes', 'returns': ['Size'] }";
/// let files = qapi_parser::source::Memory::new().with("demo.json", text);
/// let loaded = qapi_parser::load("demo.json".as_ref(), &files, &Default::default());
/// let output = drive(&Context::new(&loaded.schema.unwrap()), Commands::default()).unwrap();
/// assert_eq!(output.get("commands.txt"), Some("stop: nothing\nquery-sizes: SizeList\n"));
/// ```
pub trait Backend: Sized {
    /// The errors of its own; [`OutputError`](crate::OutputError) if there are no others.
    type Error;

    /// Begins: nothing has been visited yet.
    fn begin(&mut self, cx: &Context<'_>) -> Result<(), Self::Error> {
        let _ = cx;
        Ok(())
    }

    /// Begins a module.
    fn begin_module(
        &mut self,
        cx: &Context<'_>,
        id: ModuleId,
        module: &Module,
    ) -> Result<(), Self::Error> {
        let _ = (cx, id, module);
        Ok(())
    }

    /// Visits a block of free-form documentation. Its text as a tree is in the [`Page`](crate::documentation::Page) of
    /// the module.
    fn text(&mut self, cx: &Context<'_>, id: DocId) -> Result<(), Self::Error> {
        let _ = (cx, id);
        Ok(())
    }

    /// Visits a type of the language itself: the built-in types, their arrays, `q_empty` and `QType`. By default this
    /// method calls [`implicit`](Self::implicit), because nobody wrote these types either.
    fn predefined(
        &mut self,
        cx: &Context<'_>,
        id: TypeId,
        ty: &TypeDef,
    ) -> Result<(), Self::Error> {
        self.implicit(cx, id, ty)
    }

    /// Visits a type that the compiler made; [`TypeDef::origin`] tells what for. A back end that needs some of them
    /// passes them to [`visit_type`].
    fn implicit(&mut self, cx: &Context<'_>, id: TypeId, ty: &TypeDef) -> Result<(), Self::Error> {
        let _ = (cx, id, ty);
        Ok(())
    }

    /// Visits any definition: the methods for the six constructs call this one, unless they are implemented. It is for
    /// back ends that treat all of them alike.
    fn definition(&mut self, cx: &Context<'_>, entity: Entity) -> Result<(), Self::Error> {
        let _ = (cx, entity);
        Ok(())
    }

    /// Visits an enumeration.
    fn enumeration(
        &mut self,
        cx: &Context<'_>,
        id: TypeId,
        enumeration: &Enum,
    ) -> Result<(), Self::Error> {
        let _ = enumeration;
        self.definition(cx, Entity::Type(id))
    }

    /// Visits a struct. [`Schema::flattened`] has its members with those of its bases.
    fn structure(
        &mut self,
        cx: &Context<'_>,
        id: TypeId,
        object: &Object,
    ) -> Result<(), Self::Error> {
        let _ = object;
        self.definition(cx, Entity::Type(id))
    }

    /// Visits a union: the object holds the common members.
    fn union(
        &mut self,
        cx: &Context<'_>,
        id: TypeId,
        object: &Object,
        union: &Union,
    ) -> Result<(), Self::Error> {
        let _ = (object, union);
        self.definition(cx, Entity::Type(id))
    }

    /// Visits an alternate.
    fn alternate(
        &mut self,
        cx: &Context<'_>,
        id: TypeId,
        alternate: &Alternate,
    ) -> Result<(), Self::Error> {
        let _ = alternate;
        self.definition(cx, Entity::Type(id))
    }

    /// Visits a command.
    fn command(
        &mut self,
        cx: &Context<'_>,
        id: CommandId,
        command: &Command,
    ) -> Result<(), Self::Error> {
        let _ = command;
        self.definition(cx, Entity::Command(id))
    }

    /// Visits an event.
    fn event(&mut self, cx: &Context<'_>, id: EventId, event: &Event) -> Result<(), Self::Error> {
        let _ = event;
        self.definition(cx, Entity::Event(id))
    }

    /// Ends a module: everything in it has been visited.
    fn end_module(
        &mut self,
        cx: &Context<'_>,
        id: ModuleId,
        module: &Module,
    ) -> Result<(), Self::Error> {
        let _ = (cx, id, module);
        Ok(())
    }

    /// Ends: everything has been visited. Returns the files.
    fn finish(self, cx: &Context<'_>) -> Result<Output, Self::Error>;
}

/// The schema that a back end processes, and its documentation.
#[derive(Debug)]
pub struct Context<'s> {
    schema: &'s Schema,
    documentation: OnceLock<Documentation<'s>>,
}

impl<'s> Context<'s> {
    /// Returns the context of a schema.
    pub fn new(schema: &'s Schema) -> Self {
        Self {
            schema,
            documentation: OnceLock::new(),
        }
    }

    /// Returns the context of a schema whose documentation has been read already.
    pub fn with(documentation: Documentation<'s>) -> Self {
        Self {
            schema: documentation.schema,
            documentation: OnceLock::from(documentation),
        }
    }

    /// Returns the schema.
    pub fn schema(&self) -> &'s Schema {
        self.schema
    }

    /// Returns its documentation as a tree. It is built on first use, so that back ends without documentation do not
    /// pay for it.
    pub fn documentation(&self) -> &Documentation<'s> {
        self.documentation
            .get_or_init(|| Documentation::new(self.schema))
    }
}

/// Walks the schema of a context and calls the methods of a back end in the order that [`Backend`] promises.
///
/// # Errors
///
/// Returns the first error of a method.
pub fn drive<B: Backend>(cx: &Context<'_>, mut backend: B) -> Result<Output, B::Error> {
    let schema = cx.schema;
    let texts = texts(schema);
    backend.begin(cx)?;
    for (id, module) in (0..).map(ModuleId).zip(&schema.modules) {
        backend.begin_module(cx, id, module)?;
        let texts = module.file.and_then(|file| texts.get(&file));
        let mut texts = texts.into_iter().flatten().copied().peekable();
        for entity in &module.entities {
            // An array belongs to the module of its elements, wherever it was used first.
            let span = schema.span_of(*entity);
            if let Some(span) = span.filter(|span| Some(span.file) == module.file) {
                while let Some(text) =
                    texts.next_if(|text| schema.doc(*text).span.start < span.start)
                {
                    backend.text(cx, text)?;
                }
            }
            visit(cx, &mut backend, *entity)?;
        }
        for text in texts {
            backend.text(cx, text)?;
        }
        backend.end_module(cx, id, module)?;
    }
    backend.finish(cx)
}

/// Returns the blocks of free-form documentation of each file, in order.
fn texts(schema: &Schema) -> HashMap<FileId, Vec<DocId>> {
    let mut texts: HashMap<FileId, Vec<DocId>> = HashMap::new();
    let docs = (0..).map(DocId).zip(&schema.docs);
    for (id, doc) in docs.filter(|(_, doc)| doc.symbol.is_none()) {
        texts.entry(doc.span.file).or_default().push(id);
    }
    texts
}

fn visit<B: Backend>(cx: &Context<'_>, backend: &mut B, entity: Entity) -> Result<(), B::Error> {
    let schema = cx.schema;
    match entity {
        Entity::Type(id) => {
            let ty = schema.ty(id);
            if ty.span.is_none() {
                backend.predefined(cx, id, ty)
            } else if ty.implicit || ty.origin.is_some() {
                backend.implicit(cx, id, ty)
            } else {
                visit_type(cx, backend, id)
            }
        }
        Entity::Command(id) => backend.command(cx, id, schema.command(id)),
        Entity::Event(id) => backend.event(cx, id, schema.event(id)),
        Entity::Include(_) => Ok(()),
    }
}

/// Calls the method of a back end for the construct of a type, even without a written definition: for implicit
/// enumerations and objects. Nothing is called for built-in types and arrays.
///
/// # Errors
///
/// Returns the error of the method.
pub fn visit_type<B: Backend>(
    cx: &Context<'_>,
    backend: &mut B,
    id: TypeId,
) -> Result<(), B::Error> {
    match &cx.schema.ty(id).kind {
        TypeKind::Enum(enumeration) => backend.enumeration(cx, id, enumeration),
        TypeKind::Alternate(alternate) => backend.alternate(cx, id, alternate),
        TypeKind::Object(object) => match &object.union_ {
            Some(union) => backend.union(cx, id, object, union),
            None => backend.structure(cx, id, object),
        },
        TypeKind::Builtin(_) | TypeKind::Array(_) => Ok(()),
    }
}
