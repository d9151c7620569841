// The files of --log-dir: their names and what is in them, how much is kept, and a disk that takes
// nothing more.
#include "monitor/log_files.hpp"

#include <fstream>
#include <future>

#include <gmock/gmock.h>

#include "store/test_support.hpp"

namespace telltale::monitor {
namespace {

namespace fs = std::filesystem;
const base::WallTime kNow = *base::parse_rfc3339("2026-11-21T14:03:20.500Z");

std::string read(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> names(const std::string& folder) {
  std::vector<std::string> out;
  for (const auto& one : fs::directory_iterator(folder)) out.push_back(one.path().filename());
  std::ranges::sort(out);
  return out;
}

struct Logs {
  explicit Logs(LogFilesSettings settings = {}) {
    settings.folder = folder.file("logs");
    path = settings.folder;
    auto opened = LogFiles::open(settings, pool, [this](std::string word) {
      told.with([&](auto& all) { all.push_back(std::move(word)); });
    });
    CHECK(opened);
    files = std::move(*opened);
  }
  // All that was handed over is written.
  void settle() { pool.stop(); }

  store::TempFolder folder;
  runtime::BlockingPool pool{2};
  base::Guarded<std::vector<std::string>> told;
  std::unique_ptr<LogFiles> files;
  std::string path;
};

TEST(LogFiles, are_named_by_time_and_hold_the_record) {
  Logs logs;
  logs.files->line("first");
  logs.files->line("second");
  logs.files->connection(kNow, "rtc_1",
                         [] { return base::JsonObject{{"connection_id", "rtc_1"}}; });
  logs.files->operation(kNow, "close_connection", "op/../1",
                        [] { return base::JsonObject{{"status", "completed"}}; });
  logs.settle();
  EXPECT_EQ(read(logs.path + "/webrtc_monitor.log"), "first\nsecond\n");
  EXPECT_THAT(names(logs.path + "/connections"),
              testing::ElementsAre("20261121_140320_rtc_1.json"));
  EXPECT_EQ(read(logs.path + "/connections/20261121_140320_rtc_1.json"),
            "{\"connection_id\":\"rtc_1\"}\n");
  EXPECT_THAT(names(logs.path + "/operations"),
              testing::ElementsAre("20261121_140320_close_connection_op____1.json"));
  EXPECT_EQ(logs.files->stats().written, 4U);
}

TEST(LogFiles, the_log_begins_anew_when_it_is_large) {
  Logs logs({.folder = {}, .log_bytes_max = 100, .logs_kept = 2});
  for (int i = 0; i < 100; ++i) logs.files->line("line " + std::to_string(i));
  logs.settle();
  EXPECT_THAT(names(logs.path),
              testing::ElementsAre("connections", "operations", "webrtc_monitor.log",
                                   "webrtc_monitor.log.1", "webrtc_monitor.log.2"));
  EXPECT_NE(read(logs.path + "/webrtc_monitor.log").find("line 99\n"), std::string::npos);
  EXPECT_LE(fs::file_size(logs.path + "/webrtc_monitor.log.1"), 100U);
}

TEST(LogFiles, only_the_newest_files_are_kept) {
  Logs logs({.folder = {}, .files_kept = 10});
  for (int i = 0; i < 129; ++i)
    logs.files->connection(kNow + std::chrono::seconds(i), "rtc",
                           [] { return base::JsonObject(); });
  logs.settle();
  const auto left = names(logs.path + "/connections");
  ASSERT_EQ(left.size(), 11U) << "ten, and the one that was about to be written";
  EXPECT_EQ(left.front(), "20261121_140518_rtc.json");
}

TEST(LogFiles, what_the_disk_does_not_take_is_counted_and_told_once) {
  Logs logs;
  fs::remove_all(logs.path);  // as if it were gone; a full disk fails at the same place
  logs.files->line("a");
  logs.files->connection(kNow, "rtc_1", [] { return base::JsonObject(); });
  logs.settle();
  EXPECT_EQ(logs.files->stats().failed, 2U);
  EXPECT_EQ(logs.told.with([](const auto& all) { return all.size(); }), 1U);
}

TEST(LogFiles, a_full_disk_is_counted_and_told) {
  ASSERT_TRUE(fs::exists("/dev/full"));
  Logs logs;
  fs::create_symlink("/dev/full", logs.path + "/webrtc_monitor.log");
  logs.files->line("a");
  logs.files->line("b");
  logs.settle();
  EXPECT_EQ(logs.files->stats().failed, 2U);
  EXPECT_EQ(logs.told.with([](const auto& all) { return all.size(); }), 1U);
}

TEST(LogFiles, a_full_queue_drops_and_counts) {
  Logs logs({.folder = {}, .queue_max = 3});
  std::promise<void> go;
  std::shared_future<void> gate = go.get_future();
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(logs.pool.submit([gate] { gate.wait(); }));
  for (int i = 0; i < 10; ++i) logs.files->line("x");
  EXPECT_EQ(logs.files->stats().dropped, 7U);
  go.set_value();
  logs.settle();
  EXPECT_EQ(logs.files->stats().written, 3U);
}

TEST(LogFiles, a_folder_that_cannot_be_made_is_an_error) {
  runtime::BlockingPool pool{1};
  const auto opened = LogFiles::open({.folder = "/proc/nothing/logs"}, pool);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, base::Code::storage);
}

}  // namespace
}  // namespace telltale::monitor
