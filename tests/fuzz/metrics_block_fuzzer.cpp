// Blocks of points and of rollups, as a broken database may give them: what is read is packed and
// reads again to the same points; rollups and their sketches merge.
#include <bit>

#include "fuzz.hpp"
#include "series/block.hpp"
#include "series/rollup.hpp"

using namespace telltale;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  if (const auto points = series::decode_block(bytes)) {
    const auto again = series::decode_block(series::pack_block(*points));
    fuzz::require(again && again->size() == points->size(), "as many points");
    for (std::size_t i = 0; i < points->size(); ++i)
      fuzz::require((*again)[i].time_ms == (*points)[i].time_ms &&
                        std::bit_cast<std::uint64_t>((*again)[i].value) ==
                            std::bit_cast<std::uint64_t>((*points)[i].value),
                    "the same point");
  }
  if (const auto rollups = series::decode_rollups(bytes, true)) {
    series::Rollup all;
    for (const auto& one : *rollups) all.merge(one);
    static_cast<void>(all.sketch.quantile(0.99));
  }
  static_cast<void>(series::decode_rollups(bytes, false));
  return 0;
}
