//! The parsed templates of an application.

use byref_rewrite::{Document, DocumentRole, hidden_spans};
use byref_template::{Diagnostic, Location, Sources, Template};

use crate::deployment::Deployment;
use crate::mistakes::Mistakes;
use crate::survey::Survey;
use crate::unparsed::hidden_in_unparsed;

/// The parsed templates of a deployment.
#[derive(Clone)]
pub struct Templates<'p> {
    pub(crate) deployment: Deployment<'p>,
    pub(crate) sources: Sources,
    pub(crate) documents: Vec<Document>,
}

impl<'p> Templates<'p> {
    /// Adds templates of the application that nothing is written into: all templates of an
    /// application decide which containers get a secret.
    ///
    /// # Errors
    ///
    /// All templates that don't parse.
    pub fn and_read<N, T>(
        mut self,
        files: impl IntoIterator<Item = (N, T)>,
    ) -> Result<Self, Mistakes>
    where
        N: Into<String>,
        T: AsRef<str>,
    {
        self.extend(files, DocumentRole::ReadOnly)?;
        Ok(self)
    }

    pub(crate) fn extend<N, T>(
        &mut self,
        files: impl IntoIterator<Item = (N, T)>,
        role: DocumentRole,
    ) -> Result<(), Mistakes>
    where
        N: Into<String>,
        T: AsRef<str>,
    {
        let mut mistakes = Vec::new();
        for (name, text) in files {
            match parse_template(&mut self.sources, name.into(), text.as_ref()) {
                Ok(document) => self.documents.push(Document { role, ..document }),
                Err(mistake) => mistakes.push(*mistake),
            }
        }
        if mistakes.is_empty() {
            Ok(())
        } else {
            Err(Mistakes::new(self.sources.clone(), mistakes))
        }
    }

    /// Looks into the templates.
    pub fn survey(&self) -> Survey<'_> {
        Survey::new(self)
    }

    /// The deployment that they are of.
    pub fn deployment(&self) -> &Deployment<'p> {
        &self.deployment
    }

    /// The templates, in the order in which they were given.
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }
}

/// Parses a template into sources, and hides the parts that may be secret: for a front end that
/// keeps sources of its own.
///
/// # Errors
///
/// The syntax error, with its place.
pub fn parse_template(
    sources: &mut Sources,
    name: String,
    text: &str,
) -> Result<Document, Box<Diagnostic>> {
    let source = sources.add(name.clone(), text);
    match Template::parse(sources.get(source).text().clone()) {
        Ok(template) => {
            sources.hide_only(source, hidden_spans(&template));
            Ok(Document {
                source,
                path: name,
                template,
                role: DocumentRole::Written,
            })
        }
        Err(error) => {
            sources.hide_only(source, hidden_in_unparsed(text));
            let location = Location {
                source,
                span: error.span,
            };
            Err(Box::new(
                Diagnostic::error("syntax", error.message, location).help(error.help),
            ))
        }
    }
}
