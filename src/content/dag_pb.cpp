#include "content/dag_pb.hpp"

#include <algorithm>

#include "content/protobuf.hpp"

namespace telltale::content {
namespace {

constexpr std::uint32_t kData = 1, kLinks = 2;                 // PBNode
constexpr std::uint32_t kLinkHash = 1, kName = 2, kTsize = 3;  // PBLink

base::Result<PbLink> decode_link(std::string_view in) {
  PbLink out;
  std::uint64_t last = 0;
  while (!in.empty()) {
    const auto field = take_field(in);
    if (!field) return std::unexpected(field.error());
    if (last == 0 && field->number != kLinkHash)
      return bad_block("a link does not begin with its hash");
    if (field->number <= last)
      return bad_block("the fields of a link are repeated or not in their order");
    last = field->number;
    if (field->number == kLinkHash && field->is_bytes) {
      auto cid = read_cid(field->bytes);
      if (!cid) return std::unexpected(cid.error());
      out.cid = *cid;
    } else if (field->number == kName && field->is_bytes) {
      out.name = field->bytes;
    } else if (field->number == kTsize && !field->is_bytes) {
      out.size = field->value;
    } else {
      return bad_block("a link has the unknown field " + std::to_string(field->number));
    }
  }
  if (last == 0) return bad_block("a link has no hash");
  return out;
}

}  // namespace

base::Result<PbNode> decode_dag_pb(std::string_view block) {
  if (block.size() > kBlockLimit) return bad_block("the block is larger than 2 MiB");
  PbNode out;
  bool links_ended = false;
  while (!block.empty()) {
    const auto field = take_field(block);
    if (!field) return std::unexpected(field.error());
    if (field->number == kData && field->is_bytes) {
      if (out.data) return bad_block("the data is there twice");
      out.data = field->bytes;
      links_ended = !out.links.empty();
    } else if (field->number == kLinks && field->is_bytes) {
      if (links_ended) return bad_block("links are before and after the data");
      auto link = decode_link(field->bytes);
      if (!link) return std::unexpected(link.error());
      out.links.push_back(*link);
    } else {
      return bad_block("a node has the unknown field " + std::to_string(field->number));
    }
  }
  return out;
}

std::string encode_dag_pb(const PbNode& node) {
  std::vector<const PbLink*> links;  // of one name in the order they were given
  links.reserve(node.links.size());
  for (const auto& link : node.links) links.push_back(&link);
  std::ranges::sort(links, [](const PbLink* a, const PbLink* b) {
    return a->name == b->name ? a < b : a->name < b->name;
  });
  std::string out;
  out.reserve((node.data ? node.data->size() + 8 : 0) + links.size() * 52);
  std::string one;
  for (const auto* link : links) {
    one.clear();
    append_bytes(one, kLinkHash, to_bytes(link->cid));
    append_bytes(one, kName, link->name);
    append_number(one, kTsize, link->size);
    append_bytes(out, kLinks, one);
  }
  if (node.data) append_bytes(out, kData, *node.data);
  return out;
}

}  // namespace telltale::content
