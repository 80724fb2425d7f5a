//! The plain way to search Chinese text with tantivy, kept to be compared with: a field for the title, one for the text, words by jieba, the
//! default BM25. Its one rule: nothing of ours is in it.

use std::path::Path;

use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::{Index, ReloadPolicy, Searcher, TantivyDocument, Term};

use crate::domain::document::Document;
use crate::search::views::{Dictionary, View, WordTokenizer};

/// Memory for writing, all threads together.
const WRITER_BYTES: usize = 64 * 1024 * 1024;

/// An index as most people make it.
pub struct Naive {
    searcher: Searcher,
    title: Field,
    text: Field,
    dictionary: Dictionary,
}

impl Naive {
    /// Indexes the documents, each whole, in an empty folder.
    pub fn build(documents: &[Document], folder: &Path) -> tantivy::Result<Self> {
        let mut schema = Schema::builder();
        let indexing =
            TextFieldIndexing::default().set_tokenizer(WordTokenizer::NAME).set_index_option(IndexRecordOption::WithFreqsAndPositions);
        let options = TextOptions::default().set_indexing_options(indexing);
        let title = schema.add_text_field("title", options.clone());
        let text = schema.add_text_field("text", options);
        let index = Index::create_in_dir(folder, schema.build())?;
        let dictionary = Dictionary::with_words([]);
        index.tokenizers().register(WordTokenizer::NAME, WordTokenizer(dictionary.clone()));
        let mut writer = index.writer(WRITER_BYTES)?;
        for document in documents {
            let mut entry = TantivyDocument::new();
            entry.add_text(title, &document.title);
            entry.add_text(text, &document.body);
            writer.add_document(entry)?;
        }
        writer.commit()?;
        writer.wait_merging_threads()?;
        let searcher = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?.searcher();
        Ok(Self { searcher, title, text, dictionary })
    }

    /// How many documents are found among the best `limit`.
    pub fn search(&self, question: &str, limit: usize) -> tantivy::Result<usize> {
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        for word in self.dictionary.terms(View::Words, question) {
            for field in [self.title, self.text] {
                let term = TermQuery::new(Term::from_field_text(field, &word), IndexRecordOption::WithFreqs);
                clauses.push((Occur::Should, Box::new(term)));
            }
        }
        Ok(self.searcher.search(&BooleanQuery::new(clauses), &TopDocs::with_limit(limit).order_by_score())?.len())
    }
}
