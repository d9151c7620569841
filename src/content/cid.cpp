#include "content/cid.hpp"

#include <algorithm>
#include <cstring>
#include <span>

#include "base/encoding.hpp"
#include "content/multibase.hpp"
#include "content/varint.hpp"

namespace telltale::content {
namespace {

constexpr std::uint64_t kSha256 = 0x12;

struct Name {
  std::uint64_t code;
  std::string_view name;
};
// Of the multicodec table: what somebody may come with, so that the answer names it.
constexpr std::array kHashes{
    Name{0x00, "identity"},       Name{0x11, "sha1"},         Name{0x13, "sha2-512"},
    Name{0x14, "sha3-512"},       Name{0x15, "sha3-384"},     Name{0x16, "sha3-256"},
    Name{0x17, "sha3-224"},       Name{0x1b, "keccak-256"},   Name{0x1e, "blake3"},
    Name{0x22, "murmur3-x64-64"}, Name{0x56, "dbl-sha2-256"}, Name{0xb220, "blake2b-256"},
    Name{0xb260, "blake2s-256"}};
constexpr std::array kCodecs{Name{0x51, "cbor"},       Name{0x71, "dag-cbor"},
                             Name{0x72, "libp2p-key"}, Name{0x78, "git-raw"},
                             Name{0x85, "dag-jose"},   Name{0x0129, "dag-json"},
                             Name{0x0200, "json"},     Name{0x0202, "car"}};

std::string name_of(std::span<const Name> table, std::uint64_t code) {
  for (const auto& known : table)
    if (known.code == code) return std::string(known.name);
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  do hex.insert(hex.begin(), kDigits[code & 15U]);
  while ((code >>= 4U) != 0);
  return "0x" + hex;
}

std::unexpected<base::Error> no_cid(std::string detail) {
  return base::fail(base::Code::invalid_argument, "this is no CID: " + std::move(detail));
}

base::Result<Hash> read_multihash(std::string_view bytes) {
  const auto code = take_varint(bytes, kMultiformatBytes);
  if (!code) return no_cid(code.error().detail);
  if (*code != kSha256)
    return base::fail(base::Code::unsupported, "the hash function " + name_of(kHashes, *code) +
                                                   " is not supported: sha2-256 is");
  const auto size = take_varint(bytes, kMultiformatBytes);
  if (!size) return no_cid(size.error().detail);
  Hash out{};
  if (*size != out.size())
    return no_cid("a sha2-256 has 32 bytes, this one " + std::to_string(*size));
  if (bytes.size() != out.size())
    return no_cid(bytes.size() < out.size() ? "it is cut short" : "bytes follow its end");
  std::memcpy(out.data(), bytes.data(), out.size());
  return out;
}

base::Result<std::string> decode_multibase(std::string_view text) {
  const auto rest = text.substr(1);
  switch (text.front()) {
    case 'b':
    case 'B':
      return base32_decode(rest);
    case 'z':
      return base58btc_decode(rest);
    case 'k':
    case 'K':
      return base36_decode(rest);
    default:
      return base::fail(base::Code::invalid_argument,
                        "it begins with neither Qm nor b, z or k (base32, base58btc, base36)");
  }
}

}  // namespace

base::Result<Cid> read_cid(std::string_view bytes) {
  if (bytes.size() == 34 && bytes.starts_with("\x12\x20")) {
    auto hash = read_multihash(bytes);
    if (!hash) return std::unexpected(hash.error());
    return Cid{.hash = *hash};
  }
  auto rest = bytes;
  const auto version = take_varint(rest, kMultiformatBytes);
  if (!version) return no_cid(version.error().detail);
  if (*version != 1) return no_cid("its version is " + std::to_string(*version) + ", not 0 or 1");
  const auto codec = take_varint(rest, kMultiformatBytes);
  if (!codec) return no_cid(codec.error().detail);
  if (*codec != static_cast<std::uint64_t>(Codec::raw) &&
      *codec != static_cast<std::uint64_t>(Codec::dag_pb))
    return base::fail(base::Code::unsupported, "the codec " + name_of(kCodecs, *codec) +
                                                   " is not supported: dag-pb and raw are");
  auto hash = read_multihash(rest);
  if (!hash) return std::unexpected(hash.error());
  return Cid{.version = 1, .codec = static_cast<Codec>(*codec), .hash = *hash};
}

base::Result<Cid> parse_cid(std::string_view text) {
  if (text.size() < 2) return no_cid("it is too short");
  if (text.size() > kCidTextLimit)
    return no_cid("it has more than " + std::to_string(kCidTextLimit) + " characters");
  const bool zero = text.size() == 46 && text.starts_with("Qm");
  auto bytes = zero ? base58btc_decode(text) : decode_multibase(text);
  if (!bytes) return no_cid(bytes.error().detail);
  auto cid = read_cid(*bytes);
  if (cid && cid->version == 0 && !zero) return no_cid("version 0 has no multibase prefix");
  return cid;
}

std::string to_bytes(const Cid& cid) {
  std::string out;
  if (cid.version == 1) out.append({1, static_cast<char>(cid.codec)});
  out.append("\x12\x20");
  return out.append(as_text(cid.hash));
}

std::string to_text(const Cid& cid) {
  const auto bytes = to_bytes(cid);
  return cid.version == 0 ? base58btc_encode(bytes) : "b" + base32_encode(bytes);
}

Cid cid_of(int version, Codec codec, std::string_view block) {
  return {.version = version, .codec = codec, .hash = base::sha256(block)};
}

std::string_view codec_name(Codec codec) noexcept {
  return codec == Codec::raw ? "raw" : "dag-pb";
}

std::string_view as_text(const Hash& hash) noexcept {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

std::string to_hex(const Hash& hash) {
  return base::hex_encode(as_text(hash));
}

std::size_t HashOfHash::operator()(const Hash& hash) const noexcept {
  std::size_t out = 0;
  std::memcpy(&out, hash.data(), sizeof out);
  return out;
}

}  // namespace telltale::content
