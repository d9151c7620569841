#include "content/shelf.hpp"

namespace telltale::content {

Import::Import(DiskStore& disk, ImportOptions options)
    : disk_(disk),
      importer_(options, [this](const Cid& cid, std::string_view block) -> base::Result<void> {
        const bool fresh = !seen_.contains(cid.hash);
        if (auto put = disk_.put(cid.hash, block, fresh); !put || !fresh) return put;
        seen_.insert(cid.hash);
        blocks_.push_back(cid.hash);
        block_bytes_ += block.size();
        return {};
      }) {}

Import::~Import() {
  disk_.unpin(blocks_);
}

base::Result<void> Import::finish() {
  auto done = importer_.finish();
  if (!done) return std::unexpected(done.error());
  result_ = *done;
  return disk_.settle();
}

}  // namespace telltale::content
