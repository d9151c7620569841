// CIDs, dag-pb and UnixFS: what is taken has one spelling, is the same when written and read again,
// and a file node adds up.
#include "content/cid.hpp"
#include "content/unixfs.hpp"
#include "fuzz.hpp"

using namespace telltale;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  if (const auto cid = content::parse_cid(text)) {
    const auto again = content::parse_cid(content::to_text(*cid));
    fuzz::require(again && *again == *cid, "a CID written is the CID read");
  }
  if (const auto cid = content::read_cid(text))
    fuzz::require(content::to_bytes(*cid) == text, "the bytes of a CID have one form");
  if (const auto node = content::decode_dag_pb(text)) {
    const auto block = content::encode_dag_pb(*node);
    const auto again = content::decode_dag_pb(block);
    fuzz::require(again && again->links.size() == node->links.size() && again->data == node->data,
                  "a node written is the node read");
    fuzz::require(content::encode_dag_pb(*again) == block, "the canonical form is stable");
  }
  if (const auto file = content::decode_file(content::Codec::dag_pb, text)) {
    auto sum = file->data.size();
    for (const auto& part : file->parts) sum += part.size;
    fuzz::require(sum == file->size, "a file node adds up");
  }
  if (const auto entry = content::decode_unixfs(text)) {
    const auto again = content::encode_unixfs(*entry);
    fuzz::require(content::decode_unixfs(again).has_value(), "UnixFS written can be read");
  }
  return 0;
}
