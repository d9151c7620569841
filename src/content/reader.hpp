// Reader: any range of a UnixFS file, over blocks wherever they lie. What a node says of its parts
// must be true of them. Behind each read it asks for what comes next, so that whoever reads on (a
// play head) finds it here: up to `ahead_bytes`, again whenever less than `threshold` of that is
// still ahead. One task at a time; the source outlives it.
#pragma once

#include <map>

#include "content/block.hpp"
#include "content/unixfs.hpp"

namespace telltale::content {

struct ReaderSettings {
  std::uint64_t ahead_bytes = 8ULL << 20U;  // 0: nothing is asked for ahead
  double threshold = 0.5;                   // 0 to 1
  BlockSource::Told told = {};              // what came of each block that was asked for ahead
};

inline constexpr std::size_t kReadLimit = 64U << 20U;  // bytes of one read

class Reader {
 public:
  // invalid_argument: what the CID names is no file.
  static runtime::TaskResult<std::unique_ptr<Reader>> open(BlockSource* source, Cid root,
                                                           ReaderSettings settings = {});
  std::uint64_t size() const noexcept { return size_; }
  const Cid& root() const noexcept { return root_; }
  // What the file has of these bytes: fewer at its end, none beyond it.
  runtime::TaskResult<std::string> read(std::uint64_t offset, std::size_t size);
  // From the next read on.
  void configure(ReaderSettings settings) { settings_ = std::move(settings); }

 private:
  struct Span {
    Cid cid;
    std::uint64_t at = 0;
    std::uint64_t size = 0;
    int depth = 0;
  };
  struct Node {
    Block block;  // what `file` looks into
    FileNode file;
  };
  using NodePtr = std::shared_ptr<const Node>;
  Reader(BlockSource& source, const Cid& root, ReaderSettings settings)
      : source_(source), root_(root), settings_(std::move(settings)) {}
  runtime::TaskResult<NodePtr> node_of(Span span);
  static std::vector<Span> parts_of(const Span& span, const FileNode& file, std::uint64_t from,
                                    std::uint64_t to);
  void look_ahead(std::uint64_t head);
  NodePtr known(const Span& span);
  void remember(const Span& span, const NodePtr& node);

  BlockSource& source_;
  const Cid root_;
  ReaderSettings settings_;
  std::uint64_t size_ = 0;
  std::uint64_t asked_from_ = 0, asked_to_ = 0;  // what look_ahead() has asked for
  std::map<Hash, NodePtr> inner_;                // nodes with parts, a few
  std::uint64_t leaf_bytes_ = 0;                 // of the largest leaf seen
};

}  // namespace telltale::content
