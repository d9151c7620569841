#include "content/reader.hpp"

#include <algorithm>

namespace telltale::content {
namespace {

constexpr int kDeepest = 32;
constexpr std::size_t kInnerNodes = 64;

}  // namespace

runtime::TaskResult<std::unique_ptr<Reader>> Reader::open(BlockSource* source, Cid root,
                                                          ReaderSettings settings) {
  std::unique_ptr<Reader> out(new Reader(*source, root, std::move(settings)));
  auto node = co_await out->node_of({.cid = root});
  if (!node) co_return std::unexpected(node.error());
  out->size_ = (*node)->file.size;
  co_return out;
}

runtime::TaskResult<Reader::NodePtr> Reader::node_of(Span span) {
  if (const auto found = inner_.find(span.cid.hash); found != inner_.end()) co_return found->second;
  auto block = co_await source_.get(span.cid);
  if (!block) co_return std::unexpected(block.error());
  auto file = decode_file(span.cid.codec, **block);
  if (!file)
    co_return base::fail(file.error().code, to_text(span.cid) + ": " + file.error().detail);
  auto out = std::make_shared<const Node>(std::move(*block), std::move(*file));
  remember(span, out);
  co_return out;
}

void Reader::remember(const Span& span, const NodePtr& node) {
  if (node->file.parts.empty()) {
    leaf_bytes_ = std::max(leaf_bytes_, node->file.size);
    return;
  }
  if (inner_.size() >= kInnerNodes)
    std::erase_if(inner_, [&](const auto& item) { return item.first != root_.hash; });
  inner_[span.cid.hash] = node;
}

// A node with parts that need not be waited for.
Reader::NodePtr Reader::known(const Span& span) {
  if (const auto found = inner_.find(span.cid.hash); found != inner_.end()) return found->second;
  if (span.size <= leaf_bytes_) return nullptr;
  auto block = source_.at_hand(span.cid);
  if (!block) return nullptr;
  auto file = decode_file(span.cid.codec, *block);
  if (!file || file->parts.empty() || file->size != span.size) return nullptr;
  auto out = std::make_shared<const Node>(std::move(block), std::move(*file));
  remember(span, out);
  return out;
}

// Those that have some of the bytes [from, to): an empty part has none, so nobody can make us walk
// for nothing.
std::vector<Reader::Span> Reader::parts_of(const Span& span, const FileNode& file,
                                           std::uint64_t from, std::uint64_t to) {
  std::vector<Span> out;
  auto at = span.at + file.data.size();
  for (const auto& part : file.parts) {
    if (part.size > 0 && at < to && at + part.size > from)
      out.push_back({.cid = part.cid, .at = at, .size = part.size, .depth = span.depth + 1});
    at += part.size;
  }
  return out;
}

runtime::TaskResult<std::string> Reader::read(std::uint64_t offset, std::size_t wanted) {
  if (wanted > kReadLimit)
    co_return base::fail(base::Code::invalid_argument, "one read is of at most 64 MiB");
  if (offset >= size_ || wanted == 0) co_return std::string();
  const auto end = std::min(size_, offset + wanted);
  std::string out;
  out.reserve(end - offset);
  std::vector<Span> left{{.cid = root_, .at = 0, .size = size_}};
  while (!left.empty()) {
    const auto span = left.back();
    left.pop_back();
    auto node = co_await node_of(span);
    if (!node) co_return std::unexpected(node.error());
    const auto& file = (*node)->file;
    if (file.size != span.size)
      co_return base::fail(base::Code::invalid_argument,
                           to_text(span.cid) + " has " + std::to_string(file.size) +
                               " bytes, its parent says " + std::to_string(span.size));
    const auto from = std::max(offset, span.at);
    const auto to = std::min(end, span.at + file.data.size());
    if (from < to) out.append(file.data.substr(from - span.at, to - from));
    auto parts = parts_of(span, file, offset, end);
    if (!parts.empty() && span.depth >= kDeepest)
      co_return base::fail(base::Code::invalid_argument, "the tree of the file is too deep");
    if (parts.size() > 1)
      for (const auto& part : parts) source_.want(part.cid);
    left.insert(left.end(), parts.rbegin(), parts.rend());
  }
  look_ahead(end);
  co_return out;
}

// Walks the nodes that are known. Of one that is not, the parts are asked for when it has come: the
// next time, so what is counted as asked for ends before it.
void Reader::look_ahead(std::uint64_t head) {
  const auto ahead = settings_.ahead_bytes;
  if (ahead == 0 || head >= size_) return;
  if (head < asked_from_ || head > asked_to_) asked_to_ = head;  // a jump
  asked_from_ = head;
  const auto left = static_cast<double>(asked_to_ - head);
  if (left > settings_.threshold * static_cast<double>(ahead)) return;
  const auto to = std::min(size_, head + ahead);
  auto reached = to;
  std::vector<Span> spans{{.cid = root_, .at = 0, .size = size_}};
  while (!spans.empty()) {
    const auto span = spans.back();
    spans.pop_back();
    const auto node = known(span);
    if (!node) {
      source_.prefetch(span.cid, settings_.told);
      if (span.size > leaf_bytes_) reached = std::min(reached, span.at);
      continue;
    }
    if (span.depth >= kDeepest) continue;
    auto parts = parts_of(span, node->file, std::max(head, asked_to_), to);
    spans.insert(spans.end(), parts.rbegin(), parts.rend());
  }
  asked_to_ = std::max(asked_to_, reached);
}

}  // namespace telltale::content
