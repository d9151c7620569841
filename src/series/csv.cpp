#include "series/csv.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/csv.hpp"

namespace telltale::series {
namespace {

constexpr std::size_t kPiece = 64U << 10U;

class Writer {
 public:
  explicit Writer(std::shared_ptr<const std::vector<Curve>> curves) : curves_(std::move(curves)) {
    for (const auto& curve : *curves_)
      for (const auto& [label, ignored] : curve.labels) columns_.insert(label);
  }
  // Empty at the end.
  std::string next() {
    std::string out;
    if (!std::exchange(begun_, true)) {
      out = "time,name";
      for (const auto& column : columns_) out += "," + column;
      out += ",value\r\n";
    }
    while (curve_ < curves_->size() && out.size() < kPiece) {
      const auto& curve = (*curves_)[curve_];
      if (point_ == 0) row_ = middle(curve);
      if (point_ == curve.points.size()) {
        ++curve_;
        point_ = 0;
        continue;
      }
      const auto& point = curve.points[point_++];
      out += base::format_rfc3339(base::from_unix_ms(point.time_ms));
      fmt::format_to(std::back_inserter(out), "{}{}\r\n", row_, point.value);
    }
    return out;
  }

 private:
  std::string middle(const Curve& curve) const {
    std::string out = "," + base::csv_cell(curve.name) + ",";
    for (const auto& column : columns_) {
      const auto found = std::ranges::find(
          curve.labels, column, [](const auto& one) -> const auto& { return one.first; });
      if (found != curve.labels.end()) out += base::csv_cell(found->second);
      out += ",";
    }
    return out;
  }

  std::shared_ptr<const std::vector<Curve>> curves_;
  std::set<std::string> columns_;
  bool begun_ = false;
  std::size_t curve_ = 0;
  std::size_t point_ = 0;
  std::string row_;  // what is the same in every row of the curve
};

runtime::TaskResult<std::string> ready(std::string piece) {
  co_return piece;
}

}  // namespace

runtime::BytesAnswer csv_answer(std::shared_ptr<const std::vector<Curve>> curves) {
  runtime::BytesAnswer out{
      .headers = {{"content-type", "text/csv; charset=utf-8"},
                  {"content-disposition", "attachment; filename=\"metrics.csv\""},
                  {"cache-control", "no-store"}}};
  // The length is said beforehand: written once to count, once to send.
  Writer counted(curves);
  for (auto piece = counted.next(); !piece.empty(); piece = counted.next())
    out.size += piece.size();
  out.next = [writer = Writer(std::move(curves))]() mutable { return ready(writer.next()); };
  return out;
}

std::vector<Curve> curves_of(const std::vector<Raw>& points) {
  std::vector<Curve> out;
  out.reserve(points.size());
  for (const auto& [entry, point] : points)
    out.push_back({.name = *entry->name, .labels = entry->label_list(), .points = {point}});
  return out;
}

}  // namespace telltale::series
