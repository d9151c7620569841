#include "rtc/transport/packet_batch.hpp"

#include <algorithm>

namespace telltale::rtc {

PacketBatch::PacketBatch() : bytes_(std::make_unique<std::uint8_t[]>(kBytes)) {
  messages_.reserve(kMessages);
}

MutableBytes PacketBatch::reserve() noexcept {
  if (kBytes - used_ < kPacketMax || messages_.size() == kMessages) flush();
  return {bytes_.get() + used_, kPacketMax};
}

void PacketBatch::commit(const ice::Path& path, std::size_t size) noexcept {
  if (size == 0 || size > kPacketMax) return;
  ++counters_.datagrams;
  counters_.bytes += size;
  const auto at = static_cast<std::uint32_t>(used_);
  used_ += size;
  if (joins_ && !messages_.empty()) {
    auto& last = messages_.back();
    if (!last.closed && size <= last.segment && last.count < kSegmentsMax &&
        last.size + size <= kMessageBytes && last.path == path) {
      last.closed = size < last.segment;
      last.size += static_cast<std::uint32_t>(size);
      ++last.count;
      return;
    }
  }
  messages_.push_back({.path = path,
                       .at = at,
                       .size = static_cast<std::uint32_t>(size),
                       .segment = static_cast<std::uint16_t>(size),
                       .count = 1});
}

void PacketBatch::send(const ice::Path& path, Bytes datagram) noexcept {
  if (datagram.size() > kPacketMax) return;
  const auto out = reserve();
  std::ranges::copy(datagram, out.begin());
  commit(path, datagram.size());
}

void PacketBatch::flush() noexcept {
  if (messages_.empty()) return;
  transmit(messages_, Bytes(bytes_.get(), used_));
  messages_.clear();
  used_ = 0;
}

}  // namespace telltale::rtc
