#include "monitor/report.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "monitor/report_files.hpp"

namespace telltale::monitor {
namespace {

using namespace std::chrono_literals;

const base::WallTime kBegan = base::from_unix_ms(1'764'000'000'000);

Sample sample_at(base::WallTime at) {
  Sample out;
  out.at = at;
  return out;
}

ReportedConnection connection(const std::string& id, double health) {
  Timeline timeline(kBegan, 100);
  for (int i = 0; i < 20; ++i) timeline.add(sample_at(kBegan + i * 2s), nullptr);
  timeline.add(kBegan + 11s, {.kind = Happened::froze, .value = 2});
  return {.state = "closed",
          .summary = {{"connection_id", id},
                      {"source", "<script>alert(1)</script>"},
                      {"actor", "ada"},
                      {"mean_health", health},
                      {"worst_health", health},
                      {"duration_seconds", 40},
                      {"close_reason", "asked"},
                      {"last", "health 41: 6 % loss since 14:03"}},
          .timeline = std::move(timeline)};
}

ReportContent content() {
  ReportContent out{.at = kBegan + 1min, .since = kBegan};
  out.connections.push_back(connection("rtc_bad", 30));
  out.connections.push_back(connection("rtc_good", 95));
  return out;
}

TEST(Report, ItsPageStandsAloneAndEscapes) {
  const auto page = report_page(content(), {.theme = report::Theme::dark});
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_NE(page.find("&lt;script&gt;"), std::string::npos);
  EXPECT_EQ(page.find("http-equiv"), std::string::npos);
  EXPECT_NE(page.find("health 41: 6 % loss"), std::string::npos);
  EXPECT_NE(page.find("froze"), std::string::npos) << "its events";
  EXPECT_NE(page.find("aria-label=\"Bandwidth, kbit/s\""), std::string::npos);
  EXPECT_EQ(page.find("nan"), std::string::npos);
  const auto live = report_page(content(), {.reload_s = 30, .charted = 1});
  EXPECT_NE(live.find(R"(<meta http-equiv="refresh" content="30">)"), std::string::npos);
  EXPECT_LT(live.size(), page.size()) << "charts of one connection only";
  EXPECT_NE(report_page({}, {}).find("Nobody was connected."), std::string::npos);
}

TEST(Report, RawDataWhenAsked) {
  const auto raw = report_json(content(), true);
  const auto& first = raw.at("connections").as_array().at(0).as_object();
  EXPECT_EQ(base::string_or(first, "connection_id"), "rtc_bad");
  EXPECT_EQ(first.at("timeline").at("samples").as_array().size(), 20U);
  EXPECT_FALSE(report_json(content(), false)
                   .at("connections")
                   .as_array()
                   .at(0)
                   .as_object()
                   .contains("timeline"));
}

class ReportFilesTest : public testing::Test {
 protected:
  ReportFilesTest() {
    std::string name =
        (std::filesystem::temp_directory_path() / "telltale-reports-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    folder = name;
  }
  ~ReportFilesTest() override { std::filesystem::remove_all(folder); }
  std::string folder;
};

TEST_F(ReportFilesTest, WrittenListedReadRemoved) {
  const ReportFiles files(folder + "/below/it");
  EXPECT_TRUE(files.list().empty());
  const auto id = ReportFiles::id_of(kBegan);
  EXPECT_EQ(id, "20251124_160000_000");
  ASSERT_TRUE(files.write(id, "json", "{}"));
  ASSERT_TRUE(files.write(id, "html", "<p>"));
  ASSERT_TRUE(files.write_dashboard("now"));
  std::ofstream(folder + "/below/it/else.txt") << "not ours";
  const auto all = files.list();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].format, "html");
  EXPECT_EQ(all[1].bytes, 2U);
  EXPECT_EQ(files.read(id, "html"), "<p>");
  ASSERT_TRUE(files.remove(id));
  EXPECT_TRUE(files.list().empty());
  EXPECT_EQ(files.remove(id).error().code, base::Code::not_found);
  EXPECT_TRUE(std::filesystem::exists(folder + "/below/it/else.txt"));
}

TEST_F(ReportFilesTest, AnIdIsNoPath) {
  const ReportFiles files(folder);
  for (const auto* const id : {"", "../../etc/passwd", "20251124_160000_00", "2025112x_160000_000",
                               "20251124_160000_000/../../x"}) {
    EXPECT_EQ(files.read(id, "json").error().code, base::Code::invalid_argument) << id;
    EXPECT_EQ(files.remove(id).error().code, base::Code::invalid_argument) << id;
  }
  EXPECT_EQ(files.read("20251124_160000_000", "pdf").error().code, base::Code::invalid_argument);
  EXPECT_EQ(files.read("20251124_160000_000", "json").error().code, base::Code::not_found);
}

TEST_F(ReportFilesTest, TheNewestAreKept) {
  const ReportFiles files(folder);
  for (std::size_t i = 0; i < ReportFiles::kKept + 5; ++i)
    ASSERT_TRUE(files.write(ReportFiles::id_of(kBegan + std::chrono::seconds(i)), "json", "{}"));
  const auto all = files.list();
  ASSERT_EQ(all.size(), ReportFiles::kKept);
  EXPECT_EQ(all.back().id, ReportFiles::id_of(kBegan + 5s));
}

TEST_F(ReportFilesTest, WhatCannotBeWrittenSaysWhy) {
  std::ofstream(folder + "/file") << "x";
  const ReportFiles files(folder + "/file");
  const auto done = files.write(ReportFiles::id_of(kBegan), "json", "{}");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, base::Code::storage);
  EXPECT_NE(done.error().detail.find("--report-path"), std::string::npos);
}

}  // namespace
}  // namespace telltale::monitor
