#include "content/protobuf.hpp"

#include "content/varint.hpp"

namespace telltale::content {
namespace {

constexpr std::uint64_t kNumber = 0;
constexpr std::uint64_t kBytes = 2;

}  // namespace

std::unexpected<base::Error> bad_block(std::string detail) {
  return base::fail(base::Code::invalid_argument, std::move(detail));
}

base::Result<PbField> take_field(std::string_view& in) {
  const auto key = take_varint(in, kProtobufBytes);
  if (!key) return std::unexpected(key.error());
  PbField out{.number = *key >> 3U};
  const auto type = *key & 7U;
  if (type != kNumber && type != kBytes)
    return bad_block("field " + std::to_string(out.number) + " has the wire type " +
                     std::to_string(type));
  const auto value = take_varint(in, kProtobufBytes);
  if (!value) return std::unexpected(value.error());
  out.is_bytes = type == kBytes;
  if (!out.is_bytes) {
    out.value = *value;
    return out;
  }
  if (*value > in.size()) return bad_block("field " + std::to_string(out.number) + " is cut short");
  out.bytes = in.substr(0, *value);
  in.remove_prefix(*value);
  return out;
}

void append_number(std::string& out, std::uint32_t field, std::uint64_t value) {
  append_varint(out, field << 3U);
  append_varint(out, value);
}

void append_bytes(std::string& out, std::uint32_t field, std::string_view bytes) {
  append_varint(out, (field << 3U) | kBytes);
  append_varint(out, bytes.size());
  out.append(bytes);
}

}  // namespace telltale::content
