#include "content/answers.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "content/byte_range.hpp"
#include "content/operations.hpp"
#include "content/reader.hpp"

namespace telltale::content {
namespace {

using base::JsonArray;
using base::JsonObject;
using runtime::TaskResult;

constexpr std::size_t kPiece = 1U << 20U;  // bytes
constexpr std::size_t kShownEntries = 1000;

JsonArray describe(std::span<const Entry> entries) {
  JsonArray out;
  for (const auto& entry : entries.first(std::min(entries.size(), kShownEntries))) {
    out.push_back(
        {{"name", entry.name}, {"cid", to_text(entry.cid)}, {"tree_bytes", entry.tree_bytes}});
  }
  return out;
}

TaskResult<std::string> next_piece(std::shared_ptr<Reader> reader,
                                   std::shared_ptr<std::uint64_t> at, std::uint64_t end) {
  auto piece = co_await reader->read(*at, std::min<std::uint64_t>(kPiece, end - *at));
  if (piece) *at += piece->size();
  co_return piece;
}

}  // namespace

TaskResult<JsonObject> stat_answer(Engine* content, Cid root_cid, std::string path,
                                   std::size_t offset) {
  auto& library = content->library();
  const auto found = co_await find_path(&library, root_cid, std::move(path));
  if (!found) co_return std::unexpected(found.error());
  const auto cid = *found;
  JsonObject out{{"cid", to_text(cid)},
                 {"version", cid.version},
                 {"codec", codec_name(cid.codec)},
                 {"pinned", false}};
  if (auto root = co_await content->shelf().find(cid); root && *root) {
    for (auto& item : record_of(**root)) out[item.key()] = item.value();
    if (auto here = co_await content->shelf().blocks_here(cid)) out["blocks_here"] = *here;
  }
  auto block = co_await library.get(cid);
  if (!block) co_return std::unexpected(block.error());
  if (const auto file = decode_file(cid.codec, **block)) {
    out["type"] = "file";
    out["size"] = file->size;
    out["links"] = file->parts.size();
    co_return out;
  }
  if (const auto target = symlink_target(**block)) {
    out["type"] = "symlink";
    out["target"] = base::to_utf8(*target);
    co_return out;
  }
  auto entries = co_await list_directory(&library, cid);
  if (!entries) co_return std::unexpected(entries.error());
  const std::span<const Entry> all(*entries);
  out["type"] = "directory";
  out["entries_count"] = entries->size();
  out["entries"] = describe(all.subspan(std::min(offset, all.size())));
  co_return out;
}

TaskResult<runtime::BytesAnswer> bytes_answer(Engine* content, Cid cid, std::string path,
                                              std::string range) {
  auto& library = content->library();
  auto file = co_await find_path(&library, cid, std::move(path));
  if (!file) co_return std::unexpected(file.error());
  auto opened = co_await Reader::open(&library, *file);
  if (!opened) co_return std::unexpected(opened.error());
  const std::shared_ptr<Reader> reader = std::move(*opened);
  const auto part = read_range(range, reader->size());
  const auto size = std::to_string(reader->size());
  // Bytes from anywhere: never shown as a page of ours.
  runtime::BytesAnswer out{.headers = {{"content-type", "application/octet-stream"},
                                       {"content-disposition", "attachment"},
                                       {"accept-ranges", "bytes"},
                                       {"etag", "\"" + to_text(*file) + "\""},
                                       {"cache-control", "private, max-age=31536000, immutable"}}};
  if (part.kind == ByteRange::Kind::unsatisfiable) {
    out.status = 416;
    out.headers.emplace_back("content-range", "bytes */" + size);
    co_return out;
  }
  if (part.kind == ByteRange::Kind::part) {
    out.status = 206;
    out.headers.emplace_back("content-range", "bytes " + std::to_string(part.from) + "-" +
                                                  std::to_string(part.from + part.size - 1) + "/" +
                                                  size);
  }
  out.size = part.size;
  // The first piece before the answer begins: what cannot be had is an error, not a broken body.
  const auto at = std::make_shared<std::uint64_t>(part.from);
  const auto end = part.from + part.size;
  auto first = co_await next_piece(reader, at, end);
  if (!first) co_return std::unexpected(first.error());
  out.next = [reader, at, end, first = std::move(*first)]() mutable -> TaskResult<std::string> {
    if (!first.empty())
      return [](std::string bytes) -> TaskResult<std::string> {
        co_return bytes;
      }(std::exchange(first, {}));
    return next_piece(reader, at, end);
  };
  co_return out;
}

JsonObject status_answer(Engine& content) {
  const auto disk = content.library().disk().stats();
  const auto memory = content.library().memory().stats();
  JsonArray gateways;
  for (const auto& one : content.library().fetcher().stats())
    gateways.push_back({{"url", one.url},
                        {"blocks", one.blocks},
                        {"bytes", one.bytes},
                        {"missing", one.missing},
                        {"failures", one.failures},
                        {"wrong", one.wrong},
                        {"last_error", one.last_error},
                        {"put_aside_s", one.put_aside_seconds}});
  return {{"disk",
           {{"blocks", disk.blocks},
            {"bytes", disk.bytes},
            {"limit_bytes", disk.limit_bytes},
            {"pinned_bytes", disk.pinned_bytes},
            {"evicted", disk.evicted},
            {"corrupt", disk.corrupt}}},
          {"memory",
           {{"blocks", memory.blocks},
            {"bytes", memory.bytes},
            {"limit_bytes", memory.limit_bytes},
            {"hits", memory.hits},
            {"misses", memory.misses}}},
          {"gateways", std::move(gateways)},
          {"uploads", content.uploads().size()}};
}

}  // namespace telltale::content
