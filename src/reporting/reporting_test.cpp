// Reports over a store with a history; a year of it too.
#include <fstream>

#include <fmt/format.h>

#include "report/text_writers.hpp"
#include "reporting/badges.hpp"
#include "reporting/files.hpp"
#include "reporting/kinds.hpp"
#include "store/test_support.hpp"

namespace telltale::reporting {
namespace {

using namespace std::chrono_literals;

class ReportingTest : public store::StoreTest {
 protected:
  base::WallTime now() { return clock_.wall(); }
  base::Result<Report> make(
      base::Result<Report> (*kind)(store::Connection&, const Question&), store::Range range,
      std::function<bool(std::string_view)> sees = [](auto) { return true; }) {
    return run(store_->read(
        [&](store::Connection& db) { return kind(db, {.range = range, .sees = sees}); }));
  }
  void fill(std::string sql) {
    ASSERT_TRUE(store_->write_now([&](store::Connection& db) { return db.run(sql); }));
  }
};

TEST_F(ReportingTest, FleetHealthCountsWhatWasInItsTimeAndSeen) {
  for (int i = 0; i < 10; ++i) {
    for (const auto* const server : {"files", "unseen"})
      store::record_health(*store_, {.server = server,
                                     .time = now() - 1h * i,
                                     .ok = i != 3,
                                     .health_status = "healthy",
                                     .response_time_ms = 10.0 + i});
    store::record_call(*store_, {.id = "c" + std::to_string(i),
                                 .server = "files",
                                 .tool = "read",
                                 .time = now() - 1h * i,
                                 .duration_ms = 5.0,
                                 .ok = i != 2,
                                 .error = i == 2 ? "no <such> file" : ""});
  }
  flush();
  const auto report =
      make(fleet_health, {.from = now() - 5h + 1ms, .to = now() + 1ms, .server = ""},
           [](std::string_view server) { return server != "unseen"; });
  ASSERT_TRUE(report) << report.error().detail;
  const auto& servers = report->data.at("servers").as_array();
  ASSERT_EQ(servers.size(), 1U);
  EXPECT_EQ(servers[0].at("checks").as_int64(), 5);
  EXPECT_EQ(servers[0].at("passed").as_int64(), 4);
  EXPECT_EQ(servers[0].at("calls").to_number<int>(), 5);
  EXPECT_EQ(servers[0].at("failed").to_number<int>(), 1);
  const auto page = report::write_html(report->document);
  EXPECT_EQ(page.find("unseen"), std::string::npos);
  EXPECT_NE(page.find("no &lt;such&gt; file"), std::string::npos);
  EXPECT_NE(page.find("80.00 %"), std::string::npos);
}

TEST_F(ReportingTest, AnIncidentIsOneServerMomentByMoment) {
  const auto ms = base::unix_ms(now());
  fill(fmt::format(
      "INSERT INTO events VALUES(1,{0},'mcp_status_change','status','files',2,"
      "'{{\"old_status\":\"healthy\",\"new_status\":\"disconnected\",\"reason\":\"it died\"}}');"
      "INSERT INTO events VALUES(2,{0},'mcp_status_change','status','other',2,'{{}}');"
      "INSERT INTO events VALUES(3,{1},'mcp_status_change','status','files',2,'{{}}');"
      "INSERT INTO logs VALUES('files',1,{0},'stderr','error','Segmentation fault');"
      "INSERT INTO logs VALUES('files',2,{0},'stderr','info','quiet');",
      ms, ms - 7'200'000));
  store::record_call(*store_, {.id = "c1",
                               .server = "files",
                               .tool = "read",
                               .actor = "ada",
                               .time = now(),
                               .error = "the server is gone"});
  flush();
  const auto report = make(incident, {.from = now() - 1h, .to = now() + 1min, .server = "files"});
  ASSERT_TRUE(report) << report.error().detail;
  EXPECT_EQ(report->data.at("changes").as_array().size(), 1U);
  EXPECT_EQ(report->data.at("logs").as_array().size(), 1U);
  EXPECT_EQ(report->data.at("failed_calls").as_array().size(), 1U);
  const auto text = report::write_markdown(report->document);
  for (const auto* const words :
       {"healthy → disconnected: it died", "Segmentation fault", "the server is gone"})
    EXPECT_NE(text.find(words), std::string::npos) << words << "\n" << text;
  EXPECT_EQ(text.find("quiet"), std::string::npos);
  EXPECT_EQ(make(incident, {.from = now() - 1h, .to = now(), .server = "files"},
                 [](std::string_view) { return false; })
                .error()
                .code,
            base::Code::not_found);
}

// Twelve servers checked every five minutes and called every ten, for a year.
TEST_F(ReportingTest, AYearOfDataIsBoundedWork) {
  const auto from = base::unix_ms(now() - 365 * 24h);
  fill(fmt::format(
      "WITH RECURSIVE t(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM t WHERE i<105119) "
      "INSERT INTO health SELECT 's'||s.value, {0}+i*300000, (i+s.value)%997<>0, 'healthy', "
      "i%50, 'ping', '' FROM t, json_each('[1,2,3,4,5,6,7,8,9,10,11,12]') s;"
      "WITH RECURSIVE t(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM t WHERE i<52559) "
      "INSERT INTO calls SELECT s.value||'-'||i, '', 's'||s.value, 'tool'||(i%7), 'ada', "
      "{0}+i*600000, i%90, i%500<>0, '', 1, 1 FROM t, "
      "json_each('[1,2,3,4,5,6,7,8,9,10,11,12]') s;",
      from));
  const base::SystemClock real;
  const auto began = real.now();
  const auto report = make(fleet_health, {.from = now() - 365 * 24h, .to = now(), .server = ""});
  ASSERT_TRUE(report) << report.error().detail;
  RecordProperty("ms", static_cast<int>(base::to_ms(real.now() - began)));
  const auto& servers = report->data.at("servers").as_array();
  ASSERT_EQ(servers.size(), 12U);
  for (const auto& server : servers) {
    EXPECT_EQ(server.at("checks").as_int64(), 105'120);
    EXPECT_EQ(server.at("calls").to_number<int>(), 52'560);
    EXPECT_LE(server.at("spans").as_array().size(), 101U) << "a chart's worth, whatever the time";
  }
}

TEST(Files, OnlyIdsOfOurs) {
  const store::TempFolder folder;
  const Files files(folder.file("reports"));
  const std::string id = "rep_" + std::string(26, 'A');
  const auto& html = *find_format("html");
  ASSERT_TRUE(files.write(id, html, "<p>"));
  EXPECT_EQ(files.read(id, html), "<p>");
  files.remove(id);
  EXPECT_EQ(files.read(id, html).error().code, base::Code::not_found);
  for (const auto* const bad :
       {"", "../../../../../../../etc/passwd", "rep_../../aaaaaaaaaaaaaaaaaaaa"}) {
    EXPECT_FALSE(files.write(bad, html, "x")) << bad;
    EXPECT_FALSE(files.read(bad, html)) << bad;
  }
  EXPECT_EQ(find_format("exe"), nullptr);
  std::ofstream(folder.file("file")) << "x";
  EXPECT_EQ(Files(folder.file("file")).write(id, html, "x").error().code, base::Code::storage);
}

TEST(Badge, IsAPictureAndNoMarkup) {
  const auto svg = badge_svg({.left = "<script>", .right = std::string(200, 'x')});
  EXPECT_EQ(svg.find("<script"), std::string::npos);
  EXPECT_NE(svg.find("&lt;script&gt;"), std::string::npos);
  EXPECT_EQ(svg.find(std::string(61, 'x')), std::string::npos);
}

}  // namespace
}  // namespace telltale::reporting
