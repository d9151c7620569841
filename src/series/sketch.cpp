#include "series/sketch.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "series/bits.hpp"

namespace telltale::series {
namespace {

constexpr double kGamma = (1 + Sketch::kRelativeError) / (1 - Sketch::kRelativeError);
constexpr double kSmallest = 1e-12;                           // what is nearer to zero is zero
constexpr std::int32_t kIndexMax = 40'000;                    // the largest double has 35,488
constexpr std::uint64_t kCountMax = std::uint64_t{1} << 50U;  // so that no sum passes 64 bits
constexpr std::size_t kFew = 8;                               // times fewer are sought one by one
constexpr unsigned kIndexBits = 17;
constexpr unsigned kRiceBits = 4;

std::int32_t index_of(double size) {
  static const double kFactor = 1 / std::log(kGamma);
  return static_cast<std::int32_t>(std::ceil(std::log(size) * kFactor));
}

// The middle of the bin in the sense of the relative error.
double value_of(std::int32_t index) {
  static const double kLog = std::log(kGamma);
  return 2 * std::exp(index * kLog) / (kGamma + 1);
}

}  // namespace

void Sketch::add(double value, std::uint64_t times) {
  if (!std::isfinite(value) || times == 0) return;
  count_ += times;
  const double size = std::abs(value);
  if (size < kSmallest)
    zeros_ += times;
  else
    add_to(value > 0 ? above_ : below_, index_of(size), times);
}

void Sketch::count_into(std::map<std::int32_t, std::uint64_t>& out) const {
  for (const auto& [index, times] : above_) {
    const auto up = index > 0 ? index + kCoarse - 1 : index;  // division rounds towards zero
    out[up / kCoarse] += times;
  }
}

double Sketch::bound(std::int32_t bin) {
  static const double kLog = std::log(kGamma);
  return std::exp(static_cast<double>(bin) * kCoarse * kLog);
}

void Sketch::add_to(Bins& bins, std::int32_t index, std::uint64_t times) {
  const auto at = std::ranges::lower_bound(bins, index, {}, &Bin::index);
  if (at != bins.end() && at->index == index) {
    at->count += times;
    return;
  }
  bins.insert(at, {index, times});
  bound(bins);
}

void Sketch::bound(Bins& bins) {
  if (bins.size() <= kBinsMax) return;
  const auto over = bins.size() - kBinsMax;
  for (std::size_t i = 0; i < over; ++i) bins[over].count += bins[i].count;
  bins.erase(bins.begin(), bins.begin() + static_cast<std::ptrdiff_t>(over));
}

void Sketch::merge(const Sketch& other) {
  merge_into(above_, other.above_);
  merge_into(below_, other.below_);
  zeros_ += other.zeros_;
  count_ += other.count_;
}

void Sketch::merge_into(Bins& bins, const Bins& other) {
  if (other.empty()) return;
  if (other.size() * kFew <= bins.size()) {  // a few into many: no new list
    auto at = bins.begin();
    for (const auto& bin : other) {
      at = std::ranges::lower_bound(at, bins.end(), bin.index, {}, &Bin::index);
      if (at != bins.end() && at->index == bin.index)
        at->count += bin.count;
      else
        at = bins.insert(at, bin);
    }
    bound(bins);
    return;
  }
  Bins out;
  out.reserve(bins.size() + other.size());
  auto a = bins.begin();
  auto b = other.begin();
  while (a != bins.end() || b != other.end()) {
    if (b == other.end() || (a != bins.end() && a->index < b->index)) {
      out.push_back(*a++);
    } else if (a == bins.end() || b->index < a->index) {
      out.push_back(*b++);
    } else {
      out.push_back({a->index, a->count + b->count});
      ++a;
      ++b;
    }
  }
  bins = std::move(out);
  bound(bins);
}

std::optional<double> Sketch::quantile(double fraction) const {
  if (count_ == 0) return std::nullopt;
  const double share = std::clamp(fraction, 0.0, 1.0) * static_cast<double>(count_);
  const auto wanted = std::max(std::uint64_t{1}, static_cast<std::uint64_t>(std::ceil(share)));
  std::uint64_t seen = 0;
  const auto passed = [&](std::uint64_t more) {
    seen += more;
    return seen >= wanted;
  };
  for (auto bin = below_.rbegin(); bin != below_.rend(); ++bin)
    if (passed(bin->count)) return -value_of(bin->index);
  if (passed(zeros_)) return 0.0;
  for (const auto& bin : above_)
    if (passed(bin.count)) return value_of(bin.index);
  return above_.empty() ? 0.0 : value_of(above_.back().index);
}

void Sketch::clear() {
  above_.clear();
  below_.clear();
  zeros_ = count_ = 0;
}

void Sketch::write_bins(BitWriter& out, const Bins& bins) {
  put_gamma(out, bins.size() + 1);
  if (bins.empty()) return;
  const auto span =
      static_cast<std::uint64_t>(std::int64_t{bins.back().index} - bins.front().index);
  // The optimal parameter is near the binary logarithm of the mean.
  const auto rice = static_cast<unsigned>(std::bit_width(span / bins.size() / 2));
  out.put(zigzag(bins.front().index), kIndexBits);
  out.put(rice, kRiceBits);
  auto last = bins.front().index - 1;
  for (const auto& bin : bins) {
    if (&bin != &bins.front()) {
      const auto gap = static_cast<std::uint64_t>(std::int64_t{bin.index} - last - 1);
      for (auto ones = gap >> rice; ones > 0; --ones) out.put(1, 1);
      out.put(0, 1);
      if (rice > 0) out.put(gap, rice);
    }
    put_gamma(out, bin.count);
    last = bin.index;
  }
}

void Sketch::write(std::string& out) const {
  BitWriter bits;
  put_gamma(bits, zeros_ + 1);
  write_bins(bits, above_);
  write_bins(bits, below_);
  out += bits.bytes();
}

bool Sketch::read_bins(BitReader& from, Bins& out, std::uint64_t& total) {
  const auto size = take_gamma(from) - 1;
  if (from.failed() || size > kBinsMax) return false;
  out.clear();
  if (size == 0) return true;
  std::int64_t index = unzigzag(from.take(kIndexBits));
  const auto rice = static_cast<unsigned>(from.take(kRiceBits));
  if (from.failed() || std::abs(index) > kIndexMax) return false;
  out.reserve(size);
  for (std::uint64_t i = 0; i < size; ++i) {
    if (i > 0) {
      const auto ones = std::uint64_t{from.run(true, 2 * kIndexMax)};
      index += 1 + static_cast<std::int64_t>(ones << rice | from.take(rice));
    }
    const auto count = take_gamma(from);
    if (from.failed() || index > kIndexMax || count > kCountMax) return false;
    out.push_back({static_cast<std::int32_t>(index), count});
    total += count;
  }
  return true;
}

bool Sketch::read(std::string_view& from, Sketch& out) {
  out.clear();
  BitReader bits(from);
  out.zeros_ = take_gamma(bits) - 1;
  if (bits.failed() || out.zeros_ > kCountMax) return false;
  out.count_ = out.zeros_;
  if (!read_bins(bits, out.above_, out.count_) || !read_bins(bits, out.below_, out.count_))
    return false;
  from.remove_prefix(bits.bytes_taken());
  return true;
}

bool Sketch::read_varint_bins(std::string_view& from, Bins& out, std::uint64_t& total) {
  std::uint64_t size = 0;
  if (!take_varint(from, size) || size > kBinsMax || size * 2 > from.size()) return false;
  out.clear();
  out.reserve(size);
  std::int64_t index = 0;
  for (std::uint64_t i = 0; i < size; ++i) {
    std::uint64_t step = 0;
    std::uint64_t count = 0;
    if (!take_varint(from, step) || !take_varint(from, count)) return false;
    const auto by = unzigzag(step);
    constexpr std::int64_t kStepMax = std::int64_t{kIndexMax} * 2;
    if (by < -kStepMax || by > kStepMax || (i > 0 && by <= 0)) return false;
    index += by;
    if (index < -kIndexMax || index > kIndexMax || count == 0 || count > kCountMax) return false;
    out.push_back({static_cast<std::int32_t>(index), count});
    total += count;
  }
  return true;
}

bool Sketch::read_varints(std::string_view& from, Sketch& out) {
  out.clear();
  if (!take_varint(from, out.zeros_) || out.zeros_ >> 50U != 0) return false;
  out.count_ = out.zeros_;
  return read_varint_bins(from, out.above_, out.count_) &&
         read_varint_bins(from, out.below_, out.count_);
}

void SketchSum::Side::add(const Sketch::Bins& bins) {
  if (bins.empty()) return;
  if (counts.empty()) counts.resize(2 * kIndexMax + 1);
  const auto at = [](const Sketch::Bin& bin) {
    return static_cast<std::size_t>(std::int64_t{bin.index} + kIndexMax);
  };
  const auto from = at(bins.front());
  const auto to = at(bins.back()) + 1;
  const bool none = first == end;
  first = none ? from : std::min(first, from);
  end = none ? to : std::max(end, to);
  for (const auto& bin : bins) counts[at(bin)] += bin.count;
}

void SketchSum::Side::move_to(Sketch::Bins& out) {
  Sketch::Bins bins;
  for (auto at = first; at < end; ++at) {
    if (counts[at] == 0) continue;
    bins.push_back({static_cast<std::int32_t>(at) - kIndexMax, counts[at]});
    counts[at] = 0;
  }
  first = end = 0;
  Sketch::merge_into(out, bins);
}

void SketchSum::add(const Sketch& one) {
  above_.add(one.above_);
  below_.add(one.below_);
  zeros_ += one.zeros_;
  count_ += one.count_;
}

void SketchSum::move_to(Sketch& out) {
  above_.move_to(out.above_);
  below_.move_to(out.below_);
  out.zeros_ += std::exchange(zeros_, 0);
  out.count_ += std::exchange(count_, 0);
}

}  // namespace telltale::series
