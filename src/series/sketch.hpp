// Sketch: quantiles of any number of values, each off by at most 1 % of itself (DDSketch: Masson,
// Rim, Lee, VLDB 2019): counts in bins whose bounds grow by a constant factor. Two sketches merge
// without loss. Beyond kBinsMax bins of one sign those nearest to zero fall together, and only
// quantiles among them are further off. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace telltale::series {

class BitReader;
class BitWriter;

class Sketch {
 public:
  static constexpr double kRelativeError = 0.01;
  static constexpr std::size_t kBinsMax = 2'048;

  void add(double value, std::uint64_t times = 1);  // what is not finite is left out
  void merge(const Sketch& other);
  std::uint64_t count() const noexcept { return count_; }
  // The value at or below which `fraction` of the values lie; none when there are none.
  std::optional<double> quantile(double fraction) const;
  void clear();

  // The values above zero by coarse bins, each kCoarse of the sketch's own: the counts are exact,
  // of (bound(bin - 1), bound(bin)]. Adds to `out`; what is zero or below is not in it.
  static constexpr std::int32_t kCoarse = 12;  // bounds grow by 27 %: about ten bins a decade
  void count_into(std::map<std::int32_t, std::uint64_t>& out) const;
  static double bound(std::int32_t bin);

  // The gaps between bins as Rice codes, the counts as gamma codes: most gaps are small, most
  // counts are one.
  void write(std::string& out) const;
  // Takes what write() gave off the front; false where it is none.
  static bool read(std::string_view& from, Sketch& out);
  // The same for how it was written at first, in varints: databases have such.
  static bool read_varints(std::string_view& from, Sketch& out);
  std::size_t bins() const noexcept { return above_.size() + below_.size(); }

 private:
  struct Bin {
    std::int32_t index;
    std::uint64_t count;
  };
  using Bins = std::vector<Bin>;  // by index
  static void add_to(Bins& bins, std::int32_t index, std::uint64_t times);
  static void merge_into(Bins& bins, const Bins& other);
  static void bound(Bins& bins);
  static void write_bins(BitWriter& out, const Bins& bins);
  static bool read_bins(BitReader& from, Bins& out, std::uint64_t& total);
  static bool read_varint_bins(std::string_view& from, Bins& out, std::uint64_t& total);

  friend class SketchSum;
  Bins above_;  // of values above zero
  Bins below_;  // of the sizes of values below
  std::uint64_t zeros_ = 0;
  std::uint64_t count_ = 0;
};

// Adds up sketches that come one after the other, as the minutes of an hour do: a count for each
// bin there can be, so that a bin is added without being sought. Half a megabyte and more, for the
// time of one query. Not thread-safe.
class SketchSum {
 public:
  void add(const Sketch& one);
  // All so far is merged into `out`; then it is empty.
  void move_to(Sketch& out);

 private:
  struct Side {
    std::vector<std::uint64_t> counts;  // by index, empty until one is needed
    std::size_t first = 0, end = 0;     // what may be other than zero

    void add(const Sketch::Bins& bins);
    void move_to(Sketch::Bins& out);
  };
  Side above_;
  Side below_;
  std::uint64_t zeros_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace telltale::series
