#include "rtc/rtp/h264.hpp"

#include "base/check.hpp"

namespace telltale::rtc::rtp {
namespace {

constexpr std::uint8_t kSlice = 1;
constexpr std::uint8_t kIdr = 5;
constexpr std::uint8_t kSps = 7;
constexpr std::uint8_t kDelimiter = 9;
constexpr std::uint8_t kStapA = 24;
constexpr std::uint8_t kFuA = 28;
constexpr std::uint8_t kStart = 0x80;
constexpr std::uint8_t kEnd = 0x40;
constexpr std::uint8_t kReference = 0x60;  // nal_ref_idc

constexpr std::uint8_t type_of(std::uint8_t header) noexcept {
  return header & 0x1fU;
}

// Gathers NAL units that fit together: none, one (sent as it is) or a STAP-A.
class Aggregate {
 public:
  Aggregate(Packetized& out, std::size_t limit) : out_(out), limit_(limit) {}

  bool fits(Bytes nal) const noexcept { return size_ + 2 + nal.size() <= limit_; }
  void add(Bytes nal) {
    if (count_ == 0) {
      out_.begin_piece();
      out_.append(kStapA);
    }
    // F and the highest NRI of all (section 5.7.1).
    auto& head = out_.bytes[out_.pieces.back().at];
    head = static_cast<std::uint8_t>((head & 0x80U) | (nal[0] & 0x80U) | kStapA |
                                     std::max<unsigned>(head & kReference, nal[0] & kReference));
    out_.append(static_cast<std::uint8_t>(nal.size() >> 8U));
    out_.append(static_cast<std::uint8_t>(nal.size()));
    out_.append(nal);
    size_ += 2 + nal.size();
    ++count_;
  }
  void close() {
    if (count_ == 1) {
      // Alone it needs no wrapper: 3 bytes shorter.
      auto& piece = out_.pieces.back();
      const auto at = out_.bytes.begin() + piece.at;
      out_.bytes.erase(at, at + 3);
      piece.size -= 3;
    }
    count_ = 0;
    size_ = 1;
  }

 private:
  Packetized& out_;
  std::size_t limit_;
  std::size_t size_ = 1;
  std::size_t count_ = 0;
};

void fragment(Bytes nal, std::size_t limit, Packetized& out) {
  const auto indicator = static_cast<std::uint8_t>((nal[0] & 0xe0U) | kFuA);
  auto rest = nal.subspan(1);
  const auto step = equal_size(rest.size(), limit - 2);
  std::uint8_t flags = kStart;
  while (!rest.empty()) {
    const auto part = rest.first(std::min(step, rest.size()));
    rest = rest.subspan(part.size());
    if (rest.empty()) flags |= kEnd;
    out.begin_piece();
    out.append(indicator);
    out.append(static_cast<std::uint8_t>(flags | type_of(nal[0])));
    out.append(part);
    flags = 0;
  }
}

constexpr std::uint8_t kStartCode[] = {0, 0, 0, 1};

void inspect_nal(std::uint8_t type, Bytes body, H264Info& info) noexcept {
  info.key = info.key || type == kIdr;
  if (type == kSps) info.starts_picture = true;
  // first_mb_in_slice is ue(v): 0 is a single bit of 1. An IDR slice does not count: its parameter
  // sets come before it and may be what was lost.
  if (type == kSlice && !body.empty() && (body[0] & 0x80U) != 0) info.starts_picture = true;
}

template <class Take>
bool for_each_aggregated(Bytes payload, Take&& take) {
  Reader reader(payload.subspan(1));
  if (reader.left() == 0) return false;
  while (reader.left() > 0) {
    const auto nal = reader.bytes(reader.u16());
    if (reader.failed() || nal.empty()) return false;
    take(nal);
  }
  return true;
}

}  // namespace

bool packetize_h264(Bytes annex_b, std::size_t limit, Packetized& out) {
  CHECK(limit >= 16);
  out.clear();
  Aggregate aggregate(out, limit);
  for_each_nal(annex_b, [&](Bytes nal) {
    if (type_of(nal[0]) == kDelimiter) return;
    out.key_frame = out.key_frame || type_of(nal[0]) == kIdr;
    if (!aggregate.fits(nal)) aggregate.close();
    if (aggregate.fits(nal)) {
      aggregate.add(nal);
    } else if (nal.size() <= limit) {
      out.begin_piece();
      out.append(nal);
    } else {
      fragment(nal, limit, out);
    }
  });
  aggregate.close();
  if (out.pieces.empty()) return false;
  out.pieces.back().marker = true;
  return true;
}

bool inspect_h264(Bytes payload, H264Info& info) noexcept {
  info = {};
  if (payload.empty()) return false;
  const auto type = type_of(payload[0]);
  if (type >= 1 && type <= 23) {
    inspect_nal(type, payload.subspan(1), info);
    return true;
  }
  if (type == kStapA)
    return for_each_aggregated(
        payload, [&](Bytes nal) { inspect_nal(type_of(nal[0]), nal.subspan(1), info); });
  if (type != kFuA || payload.size() < 3) return false;
  const auto fragmented = type_of(payload[1]);
  if ((payload[1] & kStart) != 0)
    inspect_nal(fragmented, payload.subspan(2), info);
  else
    info.key = fragmented == kIdr;
  return true;
}

bool depacketize_h264(Bytes payload, std::vector<std::uint8_t>& annex_b) {
  if (payload.empty()) return false;
  const auto append = [&](Bytes bytes) {
    annex_b.insert(annex_b.end(), bytes.begin(), bytes.end());
  };
  const auto type = type_of(payload[0]);
  if (type >= 1 && type <= 23) {
    append(kStartCode);
    append(payload);
    return true;
  }
  if (type == kStapA)
    return for_each_aggregated(payload, [&](Bytes nal) {
      append(kStartCode);
      append(nal);
    });
  if (type != kFuA || payload.size() < 3) return false;
  if ((payload[1] & kStart) != 0) {
    append(kStartCode);
    annex_b.push_back(static_cast<std::uint8_t>((payload[0] & 0xe0U) | type_of(payload[1])));
  } else if (annex_b.empty()) {
    return false;
  }
  append(payload.subspan(2));
  return true;
}

}  // namespace telltale::rtc::rtp
