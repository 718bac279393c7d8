//! How an index is written to.

use tantivy::{IndexWriter, merge_policy::LogMergePolicy};

use super::folder::{Generation, Reached};

/// Memory for documents not yet written, in bytes.
const HEAP: usize = 50_000_000;

/// The one writer there can be at a time; dropped without a commit, it changes nothing.
pub(super) fn writer(generation: &Generation) -> tantivy::Result<IndexWriter> {
    let writer: IndexWriter = generation.index.writer_with_num_threads(1, HEAP)?;
    let mut policy = LogMergePolicy::default();
    policy.set_min_num_segments(4);
    policy.set_del_docs_ratio_before_merge(0.3);
    writer.set_merge_policy(Box::new(policy));
    Ok(writer)
}

/// Makes what was written part of the index, and notes how far it came.
pub(super) fn commit(writer: &mut IndexWriter, reached: Reached) -> tantivy::Result<()> {
    let mut prepared = writer.prepare_commit()?;
    prepared.set_payload(&reached.payload());
    prepared.commit()?;
    Ok(())
}

/// Questions are quickest where there is one segment.
pub(super) fn one_segment(mut writer: IndexWriter, generation: &Generation) -> tantivy::Result<()> {
    let segments = generation.index.searchable_segment_ids()?;
    if segments.len() > 1 {
        writer.merge(&segments).wait()?;
    }
    writer.garbage_collect_files().wait()?;
    writer.wait_merging_threads()
}
