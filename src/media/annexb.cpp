#include "media/annexb.hpp"

#include <algorithm>

namespace telltale::media {

namespace {

constexpr std::uint8_t kIdr = 5, kSequenceSet = 7, kPictureSet = 8, kDelimiter = 9;

std::uint8_t type_of(Bytes nal) {
  return nal[0] & 0x1FU;
}

// The unsigned Exp-Golomb number at the start of `bits` (9.1): a set's id.
unsigned first_number(Bytes bits) {
  unsigned zeros = 0;
  std::uint64_t read = 0;
  const auto bit = [&](unsigned at) -> unsigned {
    return at / 8 < bits.size() ? (bits[at / 8] >> (7 - at % 8)) & 1U : 1U;
  };
  while (zeros < 16 && bit(zeros) == 0) ++zeros;
  for (unsigned i = 0; i <= zeros; ++i) read = read << 1U | bit(zeros + i);
  return static_cast<unsigned>(read - 1);
}

void append(std::vector<std::uint8_t>& out, Bytes nal) {
  constexpr std::uint8_t kStart[] = {0, 0, 0, 1};
  out.insert(out.end(), std::begin(kStart), std::end(kStart));
  out.insert(out.end(), nal.begin(), nal.end());
}

}  // namespace

std::vector<Bytes> nal_units(Bytes stream) {
  std::vector<Bytes> out;
  constexpr std::size_t kNone = SIZE_MAX;
  std::size_t begin = kNone;
  const auto close = [&](std::size_t end) {
    if (begin == kNone) return;
    while (end > begin && stream[end - 1] == 0) --end;  // trailing zeros belong to no unit
    if (end > begin) out.push_back(stream.subspan(begin, end - begin));
  };
  for (std::size_t at = 0; at + 3 <= stream.size();) {
    if (stream[at + 2] > 1) {
      at += 3;
    } else if (stream[at] == 0 && stream[at + 1] == 0 && stream[at + 2] == 1) {
      close(at);
      begin = at + 3;
      at += 3;
    } else {
      ++at;
    }
  }
  close(stream.size());
  return out;
}

void ParameterSets::keep(Bytes nal) {
  if (nal.size() < 2 || nal.size() > kBytesMax) return;
  const bool sequence = type_of(nal) == kSequenceSet;
  // After the header; a sequence set names its profile and level first.
  const std::size_t skip = sequence ? 4 : 1;
  if (nal.size() <= skip) return;
  auto& sets = sequence ? sequence_ : picture_;
  const auto id = first_number(nal.subspan(skip));
  if (!sets.contains(id) && sets.size() >= kSetsMax) return;
  sets[id].assign(nal.begin(), nal.end());
}

ParameterSets::Completed ParameterSets::complete(Bytes frame) {
  const auto units = nal_units(frame);
  Completed out;
  for (const auto nal : units) {
    const auto type = type_of(nal);
    out.idr = out.idr || type == kIdr;
    if (type == kSequenceSet || type == kPictureSet) keep(nal);
  }
  out.bytes.reserve(frame.size() + 64);
  if (out.idr) {
    for (const auto& [id, set] : sequence_) append(out.bytes, set);
    for (const auto& [id, set] : picture_) append(out.bytes, set);
  }
  for (const auto nal : units) {
    const auto type = type_of(nal);
    const bool sent = out.idr && (type == kSequenceSet || type == kPictureSet);
    if (!sent && type != kDelimiter) append(out.bytes, nal);
  }
  return out;
}

}  // namespace telltale::media
