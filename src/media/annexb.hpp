// H.264 as a byte stream (ITU-T H.264 Annex B): its NAL units, and parameter sets before each IDR
// picture, which is where a new watcher begins. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace telltale::media {

using Bytes = std::span<const std::uint8_t>;

// Without their start codes; empty ones are left out.
std::vector<Bytes> nal_units(Bytes stream);

class ParameterSets {
 public:
  static constexpr std::size_t kBytesMax = 4096;  // of one set
  static constexpr std::size_t kSetsMax = 32;     // of each kind

  // A frame as it is to be sent: with the sets it needs in front, if it is an IDR picture.
  struct Completed {
    std::vector<std::uint8_t> bytes;
    bool idr = false;
  };
  Completed complete(Bytes frame);

 private:
  void keep(Bytes nal);
  std::map<unsigned, std::vector<std::uint8_t>> sequence_, picture_;  // by their first bits
};

}  // namespace telltale::media
