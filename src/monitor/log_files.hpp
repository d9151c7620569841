// LogFiles: what `--log-dir` gets of WebRTC: webrtc_monitor.log, and a JSON file for each
// connection and each operation that ended. Any thread hands over and goes on: a drain on the
// blocking pool writes, one at a time. What has no room in the queue is dropped and counted; what
// the disk does not take is counted and told once until it goes again.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "base/guarded.hpp"
#include "base/json.hpp"
#include "runtime/blocking_pool.hpp"

namespace telltale::monitor {

struct LogFilesSettings {
  std::string folder;
  std::size_t log_bytes_max = 16U << 20U;  // of webrtc_monitor.log, then the next one begins
  std::size_t logs_kept = 5;
  std::size_t files_kept = 10'000;  // in each of connections/ and operations/
  std::size_t queue_max = 4'096;
};

class LogFiles {
 public:
  struct Stats {
    std::uint64_t written = 0;
    std::uint64_t dropped = 0;  // no room in the queue
    std::uint64_t failed = 0;   // the disk did not take it
  };
  // `told` hears of the first failure, and of the first success after one (an empty text), on a
  // thread of the pool. storage: the folders cannot be made.
  static base::Result<std::unique_ptr<LogFiles>> open(LogFilesSettings settings,
                                                      runtime::BlockingPool& pool,
                                                      std::function<void(std::string)> told = {});

  void line(std::string text);
  using Make = std::function<base::JsonObject()>;  // called on the pool's thread
  void connection(base::WallTime at, std::string_view id, Make record);
  void operation(base::WallTime at, std::string_view type, std::string_view id, Make record);
  Stats stats() const;

 private:
  struct Item {
    std::string folder;  // "": the log
    std::string name;
    std::string text;
    Make make;
  };
  struct Queue {
    std::deque<Item> items;
    bool draining = false;
    Stats stats;
  };
  class Writer;
  LogFiles(LogFilesSettings settings, runtime::BlockingPool& pool,
           std::function<void(std::string)> told);
  void put(Item item);

  const LogFilesSettings settings_;
  runtime::BlockingPool& pool_;
  // Both go on until the last drain has ended.
  std::shared_ptr<base::Guarded<Queue>> queue_ = std::make_shared<base::Guarded<Queue>>();
  std::shared_ptr<Writer> writer_;
};

}  // namespace telltale::monitor
