#include "base/check.hpp"
#include "content/shelf.hpp"

namespace telltale::content {

Import::Import(DiskStore& disk, ImportOptions options, bool of_directory)
    : disk_(disk),
      options_(options),
      sink_([this](const Cid& cid, std::string_view block) { return keep(cid, block); }),
      directory_(of_directory ? std::make_unique<DirectoryBuilder>(options.cid_version) : nullptr),
      importer_(std::make_unique<Importer>(options_, sink_)) {}

Import::~Import() {
  disk_.unpin(blocks_);
}

base::Result<void> Import::keep(const Cid& cid, std::string_view block) {
  const bool fresh = !seen_.contains(cid.hash);
  if (auto put = disk_.put(cid.hash, block, fresh); !put || !fresh) return put;
  seen_.insert(cid.hash);
  blocks_.push_back(cid.hash);
  block_bytes_ += block.size();
  return {};
}

base::Result<void> Import::begin_file(const std::string& path) {
  CHECK(directory_);
  if (path == path_) return {};
  if (auto ended = end_file(); !ended) return ended;
  path_ = path;
  return {};
}

base::Result<void> Import::end_file() {
  if (path_.empty()) return {};
  auto done = importer_->finish();
  if (!done) return std::unexpected(done.error());
  ended_bytes_ += done->size;
  importer_ = std::make_unique<Importer>(options_, sink_);
  return directory_->add(std::exchange(path_, {}),
                         {.cid = done->root, .tree_bytes = done->block_bytes});
}

base::Result<void> Import::add_directory(std::string_view path) {
  CHECK(directory_);
  if (auto ended = end_file(); !ended) return ended;
  return directory_->add_directory(path);
}

base::Result<void> Import::add_symlink(std::string_view path, std::string_view target) {
  CHECK(directory_);
  if (auto ended = end_file(); !ended) return ended;
  const auto block = encode_symlink(target);
  const auto cid = cid_of(options_.cid_version, Codec::dag_pb, block);
  if (auto kept = keep(cid, block); !kept) return kept;
  return directory_->add(path, {.cid = cid, .tree_bytes = block.size()});
}

base::Result<void> Import::finish() {
  if (!directory_) {
    auto done = importer_->finish();
    if (!done) return std::unexpected(done.error());
    result_ = *done;
    return disk_.settle();
  }
  if (auto ended = end_file(); !ended) return ended;
  auto root = directory_->finish(sink_);
  if (!root) return std::unexpected(root.error());
  // The size of a directory is what its blocks take: a pin of it says the same.
  result_ = {.root = root->cid,
             .size = block_bytes_,
             .blocks = blocks_.size(),
             .block_bytes = block_bytes_};
  return disk_.settle();
}

}  // namespace telltale::content
