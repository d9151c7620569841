#include "rtc/sctp/wire.hpp"

#include "base/check.hpp"
#include "rtc/sctp/crc32c.hpp"

namespace telltale::rtc::sctp {
namespace {

// The checksum goes out least significant byte first (RFC 9260 appendix A).
std::uint32_t load_checksum(Bytes packet) noexcept {
  return static_cast<std::uint32_t>(packet[8]) | static_cast<std::uint32_t>(packet[9]) << 8U |
         static_cast<std::uint32_t>(packet[10]) << 16U |
         static_cast<std::uint32_t>(packet[11]) << 24U;
}

void store_checksum(MutableBytes packet, std::uint32_t value) noexcept {
  for (std::size_t i = 0; i < 4; ++i) packet[8 + i] = static_cast<std::uint8_t>(value >> 8U * i);
}

}  // namespace

std::optional<CommonHeader> read_common_header(Bytes packet) noexcept {
  if (packet.size() < kCommonHeader + kChunkHeader) return std::nullopt;
  if (load_checksum(packet) != packet_checksum(packet)) return std::nullopt;
  return CommonHeader{.source_port = load_u16(packet, 0),
                      .destination_port = load_u16(packet, 2),
                      .tag = load_u32(packet, 4)};
}

std::optional<Chunk> ChunkReader::next() noexcept {
  if (left_.empty() || broken_) return std::nullopt;
  const std::size_t length = left_.size() < kChunkHeader ? 0 : load_u16(left_, 2);
  if (length < kChunkHeader || length > left_.size()) {
    broken_ = true;
    return std::nullopt;
  }
  const Chunk chunk = {.type = left_[0],
                       .flags = left_[1],
                       .value = left_.subspan(kChunkHeader, length - kChunkHeader),
                       .whole = left_.first(length)};
  left_ = left_.subspan(std::min(padded(length), left_.size()));
  return chunk;
}

std::optional<Parameter> ParameterReader::next() noexcept {
  if (left_.empty() || broken_) return std::nullopt;
  const std::size_t length = left_.size() < kChunkHeader ? 0 : load_u16(left_, 2);
  if (length < kChunkHeader || length > left_.size()) {
    broken_ = true;
    return std::nullopt;
  }
  const Parameter parameter = {.type = load_u16(left_, 0),
                               .value = left_.subspan(kChunkHeader, length - kChunkHeader),
                               .whole = left_.first(length)};
  left_ = left_.subspan(std::min(padded(length), left_.size()));
  return parameter;
}

PacketWriter::PacketWriter(MutableBytes out, const CommonHeader& header) noexcept : out_(out) {
  CHECK(out.size() >= kCommonHeader);
  store_u16(out_, 0, header.source_port);
  store_u16(out_, 2, header.destination_port);
  store_u32(out_, 4, header.tag);
  store_u32(out_, 8, 0);
}

std::size_t PacketWriter::room() const noexcept {
  const auto left = (out_.size() - size_) & ~std::size_t{3};
  return left < kChunkHeader ? 0 : left - kChunkHeader;
}

std::optional<MutableBytes> PacketWriter::add(ChunkType type, std::uint8_t flags,
                                              std::size_t size) noexcept {
  const auto length = kChunkHeader + size;
  if (padded(length) > out_.size() - size_) return std::nullopt;
  const auto place = out_.subspan(size_, padded(length));
  std::fill(place.begin(), place.end(), std::uint8_t{0});
  place[0] = static_cast<std::uint8_t>(type);
  place[1] = flags;
  store_u16(place, 2, static_cast<std::uint16_t>(length));
  size_ += place.size();
  return place.subspan(kChunkHeader, size);
}

bool PacketWriter::add(ChunkType type, std::uint8_t flags, Bytes value) noexcept {
  const auto place = add(type, flags, value.size());
  if (!place) return false;
  std::copy(value.begin(), value.end(), place->begin());
  return true;
}

bool PacketWriter::add_whole(Bytes chunk) noexcept {
  return add(static_cast<ChunkType>(chunk[0]), chunk[1], chunk.subspan(kChunkHeader));
}

std::size_t PacketWriter::finish() noexcept {
  const auto packet = out_.first(size_);
  store_checksum(packet, packet_checksum(packet));
  return size_;
}

}  // namespace telltale::rtc::sctp
