// dag-pb: the protobuf of linked blocks (IPLD spec, dag-pb). Decoding is strict: known fields only,
// each in its place, numbers in their shortest form, nothing after the end. Encoding is canonical:
// links sorted by name, before the data. Pure; what is decoded looks into the block it came from.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "content/cid.hpp"

namespace telltale::content {

inline constexpr std::size_t kBlockLimit = 2U << 20U;  // bytes; bitswap's

struct PbLink {
  Cid cid;
  std::string_view name;
  std::uint64_t size = 0;  // bytes of all blocks below, as the writer says
};

struct PbNode {
  std::vector<PbLink> links;
  std::optional<std::string_view> data;
};

// invalid_argument says what is wrong; unsupported: a link by another hash or codec.
base::Result<PbNode> decode_dag_pb(std::string_view block);
// The views of `node` must live until it returns.
std::string encode_dag_pb(const PbNode& node);

}  // namespace telltale::content
