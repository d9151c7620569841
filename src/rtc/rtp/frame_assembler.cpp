#include "rtc/rtp/frame_assembler.hpp"

#include "base/check.hpp"
#include "rtc/rtp/h264.hpp"
#include "rtc/rtp/vp8.hpp"

namespace telltale::rtc::rtp {

FrameAssembler::FrameAssembler(const Settings& settings)
    : settings_(settings), slots_(settings.slots) {
  CHECK(settings.slots > 0);
}

FrameAssembler::Slot& FrameAssembler::slot(std::int64_t sequence) noexcept {
  const auto size = static_cast<std::int64_t>(slots_.size());
  return slots_[static_cast<std::size_t>((sequence % size + size) % size)];
}
const FrameAssembler::Slot& FrameAssembler::slot(std::int64_t sequence) const noexcept {
  const auto size = static_cast<std::int64_t>(slots_.size());
  return slots_[static_cast<std::size_t>((sequence % size + size) % size)];
}
bool FrameAssembler::has(std::int64_t sequence) const noexcept {
  const auto& at = slot(sequence);
  return at.used && at.sequence == sequence;
}

bool FrameAssembler::inspect(const PacketView& packet, Slot& out) const noexcept {
  switch (settings_.codec) {
    case Codec::opus:
      out.starts = out.marker = out.key = true;
      return !packet.payload.empty();
    case Codec::vp8: {
      const auto descriptor = Vp8Descriptor::parse(packet.payload);
      if (!descriptor) return false;
      out.starts = descriptor->starts_frame();
      out.key = out.starts && is_vp8_key_frame(packet.payload.subspan(descriptor->size));
      return true;
    }
    case Codec::h264: {
      H264Info info;
      if (!inspect_h264(packet.payload, info)) return false;
      out.starts = info.starts_picture;
      out.key = info.key;
      return true;
    }
  }
  return false;
}

void FrameAssembler::insert(const PacketView& packet, base::SteadyTime now) {
  if (packet.payload.empty()) {
    // Padding that probes keeps its place in the row: an empty packet of no frame.
    if (settings_.codec == Codec::opus) return;
  }
  const auto sequence = unwrapper_.unwrap(packet.header.sequence);
  if (!started_) {
    started_ = true;
    next_ = scanned_ = highest_ = sequence;
  }
  if (sequence < next_) {
    ++counters_.late;
    return;
  }
  if (has(sequence)) {
    ++counters_.duplicates;
    return;
  }
  // A leap over all slots: what was held is given up.
  const auto capacity = static_cast<std::int64_t>(slots_.size());
  if (sequence - next_ >= capacity) {
    ++counters_.gaps;
    gap_ = true;
    next_ = scanned_ = std::max(next_, sequence - capacity / 2);
    waiting_since_.reset();
  }
  auto& at = slot(sequence);
  at.sequence = sequence;
  at.timestamp = packet.header.timestamp;
  at.size = static_cast<std::uint32_t>(packet.payload.size());
  at.marker = packet.header.marker;
  at.starts = at.key = false;
  at.used = packet.payload.empty() || inspect(packet, at);
  if (!at.used) {
    ++counters_.malformed;
    return;
  }
  if (settings_.keeps_payload) at.payload.assign(packet.payload.begin(), packet.payload.end());
  highest_ = std::max(highest_, sequence);
  if (!waiting_since_ && !has(next_)) waiting_since_ = now;
}

std::optional<AssembledFrame> FrameAssembler::pop(base::SteadyTime now) {
  if (!started_) return std::nullopt;
  while (true) {
    if (auto frame = complete()) {
      waiting_since_.reset();
      return frame;
    }
    // `scanned_` is the first that is missing; nothing behind it means nothing to wait for.
    if (scanned_ > highest_) {
      waiting_since_.reset();
      return std::nullopt;
    }
    if (!waiting_since_) waiting_since_ = now;
    const auto waited = now - *waiting_since_;
    if (waited >= settings_.patience_before_key && skip_to_key()) continue;
    if (waited < settings_.patience) return std::nullopt;
    if (!skip()) return std::nullopt;
  }
}

std::optional<AssembledFrame> FrameAssembler::complete() {
  while (has(next_) && slot(next_).size == 0 && scanned_ == next_) scanned_ = ++next_;  // padding
  while (has(scanned_)) {
    const auto& at = slot(scanned_);
    const bool next_begins = scanned_ > next_ && at.timestamp != slot(next_).timestamp;
    if (!next_begins && !at.marker) {
      ++scanned_;
      continue;
    }
    AssembledFrame frame{.timestamp = slot(next_).timestamp,
                         .first = next_,
                         .last = next_begins ? scanned_ - 1 : scanned_,
                         .after_gap = gap_};
    for (auto i = frame.first; i <= frame.last; ++i) {
      frame.bytes += slot(i).size;
      frame.key = frame.key || slot(i).key;
      slot(i).used = false;
    }
    gap_ = false;
    next_ = scanned_ = frame.last + 1;
    ++counters_.frames;
    return frame;
  }
  return std::nullopt;
}

// What came before is of no use to anybody.
void FrameAssembler::begin_at(std::int64_t sequence) noexcept {
  for (auto old = next_; old < sequence; ++old) slot(old).used = false;
  next_ = scanned_ = sequence;
}

bool FrameAssembler::skip_to_key() {
  for (auto i = scanned_ + 1; i <= highest_; ++i) {
    if (!has(i) || !slot(i).starts) continue;
    bool key = slot(i).key;
    auto end = i;
    while (has(end) && !slot(end).marker && slot(end).timestamp == slot(i).timestamp)
      key = slot(++end).key || key;
    if (!has(end) || !key) continue;
    ++counters_.gaps;
    gap_ = true;
    waiting_since_.reset();
    begin_at(i);
    return true;
  }
  return false;
}

bool FrameAssembler::skip() {
  ++counters_.gaps;
  gap_ = true;
  waiting_since_.reset();
  // A later packet begins a frame if it says so, or follows the last of another.
  for (auto i = scanned_ + 1; i <= highest_; ++i) {
    if (!has(i)) continue;
    const bool follows =
        has(i - 1) && (slot(i - 1).marker || slot(i - 1).timestamp != slot(i).timestamp);
    if (!slot(i).starts && !follows) continue;
    begin_at(i);
    return true;
  }
  begin_at(highest_ + 1);
  return false;
}

bool FrameAssembler::read(const AssembledFrame& frame, std::vector<std::uint8_t>& out) const {
  out.clear();
  if (!settings_.keeps_payload) return false;
  for (auto i = frame.first; i <= frame.last; ++i) {
    const auto& at = slot(i);
    if (at.sequence != i) return false;
    if (at.size == 0) continue;
    const Bytes payload(at.payload);
    if (settings_.codec == Codec::h264) {
      if (!depacketize_h264(payload, out)) return false;
      continue;
    }
    std::size_t skipped = 0;
    if (settings_.codec == Codec::vp8) {
      const auto descriptor = Vp8Descriptor::parse(payload);
      if (!descriptor || (i == frame.first) != descriptor->starts_frame()) return false;
      skipped = descriptor->size;
    }
    out.insert(out.end(), payload.begin() + static_cast<std::ptrdiff_t>(skipped), payload.end());
  }
  return true;
}

}  // namespace telltale::rtc::rtp
