// CID: a block's name, made of its hash (CID spec of multiformats; versions 0 and 1). Codecs
// dag-pb and raw, hash sha2-256: others are refused by their name. A value; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace telltale::content {

using Hash = std::array<std::uint8_t, 32>;  // sha2-256

enum class Codec : std::uint8_t { raw = 0x55, dag_pb = 0x70 };

struct Cid {
  int version = 0;  // 0 is dag-pb and written in base58btc
  Codec codec = Codec::dag_pb;
  Hash hash{};

  bool operator==(const Cid&) const = default;
};

inline constexpr std::size_t kCidTextLimit = 128;  // characters
inline constexpr std::size_t kCidBytes = 36;       // of version 1; 34 of version 0

// Version 0 (Qm…), or version 1 in base32 (b…), base58btc (z…) or base36 (k…). invalid_argument:
// no CID; unsupported: one of a hash or codec we do not know.
base::Result<Cid> parse_cid(std::string_view text);
// The whole of `bytes`.
base::Result<Cid> read_cid(std::string_view bytes);
std::string to_text(const Cid& cid);  // version 0 in base58btc, version 1 in base32
std::string to_bytes(const Cid& cid);

Cid cid_of(int version, Codec codec, std::string_view block);
std::string_view codec_name(Codec codec) noexcept;
std::string to_hex(const Hash& hash);
std::string_view as_text(const Hash& hash) noexcept;  // its 32 bytes

// A hash is as good as random already.
struct HashOfHash {
  std::size_t operator()(const Hash& hash) const noexcept;
};

}  // namespace telltale::content
