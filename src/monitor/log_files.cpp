#include "monitor/log_files.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <vector>

namespace telltale::monitor {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLog = "webrtc_monitor.log";
constexpr std::size_t kLookEvery = 128;  // files written, before old ones are looked for

// 20261121_140320, as the programs before us named theirs; UTC.
std::string stamp(base::WallTime at) {
  auto text = base::format_rfc3339(at).substr(0, 19);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  std::ranges::replace(text, 'T', '_');
  return text;
}

std::string safe(std::string_view name) {
  std::string out(name.substr(0, 100));
  for (auto& c : out)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
          c == '-'))
      c = '_';
  return out;
}

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

// All of it, or false.
bool write_all(const std::string& path, const char* mode, std::string_view text) {
  File file(std::fopen(path.c_str(), mode));
  if (!file) return false;
  const bool written = std::fwrite(text.data(), 1, text.size(), file.get()) == text.size() &&
                       std::fflush(file.get()) == 0;
  return std::fclose(file.release()) == 0 && written;
}

}  // namespace

// On the pool, by one thread at a time.
class LogFiles::Writer {
 public:
  Writer(LogFilesSettings settings, std::function<void(std::string)> told)
      : settings_(std::move(settings)), told_(std::move(told)) {}

  bool write(const Item& item) {
    const bool good = item.folder.empty() ? append(item.text) : put(item);
    if (good == failing_) {
      failing_ = !good;
      if (told_) told_(good ? "" : "--log-dir: what WebRTC did cannot be written: disk full?");
    }
    return good;
  }

 private:
  bool append(const std::string& text) {
    const auto path = settings_.folder + "/" + kLog;
    std::error_code error;
    const auto size = fs::file_size(path, error);
    if (!error && size + text.size() + 1 > settings_.log_bytes_max) rotate(path);
    return write_all(path, "ab", text + "\n");
  }
  void rotate(const std::string& path) {
    std::error_code ignored;
    const auto name = [&](std::size_t i) { return path + "." + std::to_string(i); };
    fs::remove(name(settings_.logs_kept), ignored);
    for (auto i = settings_.logs_kept; i > 1; --i) fs::rename(name(i - 1), name(i), ignored);
    fs::rename(path, name(1), ignored);
  }
  bool put(const Item& item) {
    const auto folder = settings_.folder + "/" + item.folder;
    if (written_++ % kLookEvery == 0) forget_old(folder);
    const auto path = folder + "/" + item.name;
    if (write_all(path, "wb", base::write_json(item.make()) + "\n")) return true;
    std::error_code ignored;
    fs::remove(path, ignored);  // half of it is worse than none
    return false;
  }
  // The names begin with their time: the first are the oldest.
  void forget_old(const std::string& folder) const {
    std::vector<std::string> names;
    std::error_code error;
    for (auto at = fs::directory_iterator(folder, error); !error && at != fs::directory_iterator();
         at.increment(error))
      names.push_back(at->path().filename().string());
    if (names.size() <= settings_.files_kept) return;
    std::ranges::sort(names);
    names.resize(names.size() - settings_.files_kept);
    for (const auto& name : names) fs::remove(fs::path(folder) / name, error);
  }

  const LogFilesSettings settings_;
  const std::function<void(std::string)> told_;
  std::size_t written_ = 0;
  bool failing_ = false;
};

LogFiles::LogFiles(LogFilesSettings settings, runtime::BlockingPool& pool,
                   std::function<void(std::string)> told)
    : settings_(std::move(settings)),
      pool_(pool),
      writer_(std::make_shared<Writer>(settings_, std::move(told))) {}

base::Result<std::unique_ptr<LogFiles>> LogFiles::open(LogFilesSettings settings,
                                                       runtime::BlockingPool& pool,
                                                       std::function<void(std::string)> told) {
  for (const auto* const name : {"connections", "operations"}) {
    std::error_code error;
    fs::create_directories(settings.folder + "/" + name, error);
    if (error)
      return base::fail(base::Code::storage, "--log-dir: cannot make " + settings.folder + "/" +
                                                 name + ": " + error.message());
  }
  return std::unique_ptr<LogFiles>(new LogFiles(std::move(settings), pool, std::move(told)));
}

void LogFiles::put(Item item) {
  const bool begin = queue_->with([&](Queue& queue) {
    if (queue.items.size() >= settings_.queue_max) {
      ++queue.stats.dropped;
      return false;
    }
    queue.items.push_back(std::move(item));
    return !std::exchange(queue.draining, true);
  });
  if (!begin) return;
  const bool taken = pool_.submit([queue = queue_, writer = writer_] {
    while (true) {
      auto next = queue->with([](Queue& at) -> std::optional<Item> {
        if (at.items.empty()) {
          at.draining = false;
          return std::nullopt;
        }
        auto out = std::move(at.items.front());
        at.items.pop_front();
        return out;
      });
      if (!next) return;
      const bool written = writer->write(*next);
      queue->with([&](Queue& at) { ++(written ? at.stats.written : at.stats.failed); });
    }
  });
  // The next one tries again.
  if (!taken) queue_->with([](Queue& queue) { queue.draining = false; });
}

void LogFiles::line(std::string text) {
  put({.folder = {}, .name = {}, .text = std::move(text), .make = {}});
}

void LogFiles::connection(base::WallTime at, std::string_view id, Make record) {
  put({.folder = "connections",
       .name = stamp(at) + "_" + safe(id) + ".json",
       .text = {},
       .make = std::move(record)});
}

void LogFiles::operation(base::WallTime at, std::string_view type, std::string_view id,
                         Make record) {
  put({.folder = "operations",
       .name = stamp(at) + "_" + safe(type) + "_" + safe(id) + ".json",
       .text = {},
       .make = std::move(record)});
}

LogFiles::Stats LogFiles::stats() const {
  return queue_->with([](const Queue& queue) { return queue.stats; });
}

}  // namespace telltale::monitor
