// A report over a year of data: twelve servers, checked every five minutes and called every ten, as
// a document and as each file.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "base/check.hpp"
#include "report/pdf/pdf.hpp"
#include "report/text_writers.hpp"
#include "reporting/kinds.hpp"
#include "store/test_support.hpp"

namespace telltale::reporting {
namespace {

constexpr auto kYear = std::chrono::hours(24 * 365);
constexpr int kChecks = 365 * 24 * 12;
constexpr int kCalls = 365 * 24 * 6;

class Year {
 public:
  Year() {
    auto opened =
        store::Store::open({.path = folder_.file("t.db")}, runtime_.clock(), runtime_.blocking());
    CHECK(opened);
    store_ = std::move(*opened);
    to_ = runtime_.clock().wall();
    CHECK(store_->write_now([this](store::Connection& db) {
      return db.run(fmt::format(
          "WITH RECURSIVE t(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM t WHERE i<{1}-1) "
          "INSERT INTO health SELECT 's'||s.value, {0}+i*300000, (i+s.value)%997<>0, 'healthy', "
          "i%50, 'ping', '' FROM t, json_each('[1,2,3,4,5,6,7,8,9,10,11,12]') s;"
          "WITH RECURSIVE t(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM t WHERE i<{2}-1) "
          "INSERT INTO calls SELECT s.value||'-'||i, '', 's'||s.value, 'tool'||(i%7), 'ada', "
          "{0}+i*600000, i%90, i%500<>0, '', 1, 1 FROM t, "
          "json_each('[1,2,3,4,5,6,7,8,9,10,11,12]') s;",
          base::unix_ms(to_ - kYear), kChecks, kCalls));
    }));
    auto db = store::Connection::open(store_->path(), true);
    CHECK(db);
    reader_ = std::move(*db);
  }
  Report report() {
    auto out = fleet_health(*reader_, {.range = {.from = to_ - kYear, .to = to_, .server = ""},
                                       .sees = [](std::string_view) { return true; }});
    CHECK(out);
    return std::move(*out);
  }

 private:
  store::TempFolder folder_;
  runtime::Runtime runtime_{1};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::Connection> reader_;
  base::WallTime to_;
};

// With what the files take of it.
void year_of_fleet_health(benchmark::State& state) {
  Year year;
  std::size_t bytes = 0;
  for ([[maybe_unused]] auto _ : state) {
    const auto report = year.report();
    const auto pdf = report::write_pdf(report.document);
    CHECK(pdf);
    bytes = pdf->size() + report::write_html(report.document).size() +
            report::write_csv(report.document).size() +
            report::write_markdown(report.document).size() + base::write_json(report.data).size();
  }
  state.counters["rows"] = 12.0 * (kChecks + kCalls);
  state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(year_of_fleet_health)->Unit(benchmark::kMillisecond)->Iterations(3)->UseRealTime();

}  // namespace
}  // namespace telltale::reporting
