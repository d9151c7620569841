// Prometheus text format 0.0.4, written straight from snapshots: families in order, labels escaped,
// no registry between.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace telltale::exposition {

class MetricsText {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;
  enum class Type { counter, gauge, histogram };

  // Begins a family; the samples that follow belong to it.
  void family(std::string_view name, Type type, std::string_view help);
  void sample(double value, Labels labels = {});
  // Of a family that is a histogram: `counts` holds each bucket's own, the last is +Inf.
  void histogram(std::span<const double> bounds, std::span<const std::uint64_t> counts, double sum,
                 Labels labels = {});
  std::string take() { return std::move(text_); }

 private:
  void name_and_labels(std::string_view suffix, Labels labels, std::string_view bound);

  std::string text_;
  std::string name_;
};

}  // namespace telltale::exposition
