#include "content/disk_store.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/encoding.hpp"
#include "base/log.hpp"
#include "content/dag_pb.hpp"
#include "content/disk_files.hpp"

namespace telltale::content {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBatch = 256;   // removals under one lock
constexpr std::uint64_t kSlack = 16;  // of the limit one part in this is freed at once

std::optional<Hash> hash_of_name(std::string_view name) {
  Hash out{};
  if (name.size() != 2 * out.size()) return std::nullopt;
  static constexpr std::string_view kDigits = "0123456789abcdef";
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto digit = kDigits.find(name[i]);
    if (digit == std::string_view::npos) return std::nullopt;
    out[i / 2] = static_cast<std::uint8_t>((out[i / 2] * 16UL + digit) & 0xffU);
  }
  return out;
}

}  // namespace

base::Result<std::unique_ptr<DiskStore>> DiskStore::open(DiskSettings settings) {
  for (const char* const part : {"", "/blocks", "/new"})
    if (auto made = make_private_folder(settings.folder + part); !made)
      return std::unexpected(made.error());
  std::unique_ptr<DiskStore> out(new DiskStore(std::move(settings)));
  if (auto read = out->scan(); !read) return std::unexpected(read.error());
  return out;
}

// What was used last is the newest by its time of change, which get() sets.
base::Result<void> DiskStore::scan() {
  struct Found {
    Hash hash;
    std::uint64_t size;
    std::int64_t used;
  };
  std::vector<Found> found;
  std::error_code error;
  for (const auto& left : fs::directory_iterator(settings_.folder + "/new", error))
    fs::remove(left.path(), error);  // half written when the last life ended
  for (const auto& item : fs::recursive_directory_iterator(settings_.folder + "/blocks", error)) {
    const auto hash = hash_of_name(item.path().filename().string());
    struct stat facts{};
    if (!hash || ::lstat(item.path().c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) continue;
    found.push_back({.hash = *hash,
                     .size = static_cast<std::uint64_t>(facts.st_size),
                     .used = facts.st_mtim.tv_sec});
  }
  if (error) return std::unexpected(disk_error(error.value(), "read its folder"));
  std::ranges::sort(found, {}, &Found::used);
  state_.with([&](State& state) {
    for (const auto& one : found) state.index.add(one.hash, one.size);
  });
  return {};
}

std::string DiskStore::path_of(const Hash& hash) const {
  const auto name = to_hex(hash);
  return settings_.folder + "/blocks/" + name.substr(0, 2) + "/" + name;
}

bool DiskStore::has(const Hash& hash) const {
  return state_.with([&](const State& state) { return state.index.has(hash); });
}

base::Result<Block> DiskStore::get(const Hash& hash) {
  if (!has(hash)) return nullptr;
  const auto path = path_of(hash);
  auto bytes = read_file(path, kBlockLimit + 1);
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes) {  // removed by somebody else
    state_.with([&](State& state) { state.index.remove(hash); });
    return nullptr;
  }
  if (base::sha256(**bytes) != hash) {
    discard(hash);
    return nullptr;
  }
  state_.with([&](State& state) { state.index.use(hash); });
  ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);  // for the order of the next life
  return std::make_shared<const std::string>(std::move(**bytes));
}

void DiskStore::discard(const Hash& hash) {
  const bool removed = state_.with([&](State& state) {
    if (!unlink_block(state, hash)) return false;
    ++state.corrupt;
    return true;
  });
  if (removed) told_(hash);
}

base::Result<void> DiskStore::put(const Hash& hash, std::string_view bytes, bool pin) {
  const bool known = state_.with([&](State& state) {
    if (!state.index.has(hash)) return false;
    state.index.use(hash);
    if (pin) state.index.pin(hash);
    return true;
  });
  if (known) return {};
  if (auto room = make_room(bytes.size()); !room) return room;
  const auto from = settings_.folder + "/new/" + std::to_string(next_file_++);
  if (auto written = write_file(from, bytes); !written) return written;
  return place(from, hash, bytes.size(), pin);
}

// Under the lock, so that nobody removes the file of a block that the index has.
base::Result<void> DiskStore::place(const std::string& from, const Hash& hash, std::uint64_t size,
                                    bool pin) {
  const auto path = path_of(hash);
  int failure = 0;
  state_.with([&](State& state) {
    if (::rename(from.c_str(), path.c_str()) != 0 && errno == ENOENT) {
      ::mkdir(path.substr(0, path.rfind('/')).c_str(), 0700);
      if (::rename(from.c_str(), path.c_str()) != 0) failure = errno;
    }
    if (failure != 0) return;
    state.index.add(hash, size);
    if (pin) state.index.pin(hash);
  });
  if (failure == 0) return {};
  ::unlink(from.c_str());
  return std::unexpected(disk_error(failure, "write a block"));
}

// A little more than is needed, so that not every block has to look for room.
base::Result<void> DiskStore::make_room(std::uint64_t bytes) {
  return state_.with([&](State& state) -> base::Result<void> {
    const auto limit = settings_.limit_bytes;
    if (state.index.bytes() + bytes <= limit) return {};
    const auto needed = state.index.bytes() + bytes - limit;
    for (const auto& hash : state.index.oldest(std::min(needed + limit / kSlack, 64 * needed)))
      if (unlink_block(state, hash)) ++state.evicted;
    if (state.index.bytes() + bytes <= limit) return {};
    return base::fail(base::Code::storage,
                      "the content store is full: " + std::to_string(state.index.bytes()) +
                          " bytes of " + std::to_string(limit) +
                          " are pinned or being added (--disk-cache-size)");
  });
}

bool DiskStore::unlink_block(State& state, const Hash& hash) {
  if (!state.index.remove(hash)) return false;
  ::unlink(path_of(hash).c_str());
  return true;
}

void DiskStore::pin(std::span<const Hash> hashes) {
  state_.with([&](State& state) {
    for (const auto& hash : hashes) state.index.pin(hash);
  });
}

void DiskStore::unpin(std::span<const Hash> hashes) {
  state_.with([&](State& state) {
    for (const auto& hash : hashes) state.index.unpin(hash);
  });
}

Collected DiskStore::remove(std::span<const Hash> hashes) {
  Collected out;
  while (!hashes.empty()) {
    const auto batch = hashes.subspan(0, std::min(kBatch, hashes.size()));
    hashes = hashes.subspan(batch.size());
    state_.with([&](State& state) {
      for (const auto& hash : batch) {
        const auto size = state.index.size_of(hash).value_or(0);
        if (state.index.pinned(hash) || !unlink_block(state, hash)) continue;
        ++out.blocks;
        out.bytes += size;
      }
    });
  }
  return out;
}

Collected DiskStore::collect() {
  Collected out;
  for (;;) {
    const auto batch = state_.with([](State& state) { return state.index.unpinned(kBatch); });
    if (batch.empty()) return out;
    const auto some = remove(batch);
    out.blocks += some.blocks;
    out.bytes += some.bytes;
  }
}

base::Result<void> DiskStore::settle() {
  return sync_file_system(settings_.folder);
}

DiskStats DiskStore::stats() const {
  return state_.with([&](const State& state) {
    return DiskStats{.blocks = state.index.size(),
                     .bytes = state.index.bytes(),
                     .limit_bytes = settings_.limit_bytes,
                     .pinned_bytes = state.index.pinned_bytes(),
                     .evicted = state.evicted,
                     .corrupt = state.corrupt};
  });
}

}  // namespace telltale::content
