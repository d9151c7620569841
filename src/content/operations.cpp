#include "content/operations.hpp"

#include <algorithm>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path_tree.hpp"
#include "content/answers.hpp"

namespace telltale::content {

using base::FieldRule;
using base::JsonArray;
using base::JsonObject;
using runtime::ContextPtr;
using runtime::TaskResult;

struct ListContent {
  std::string cursor;
  int limit = 100;
};
BOOST_DESCRIBE_STRUCT(ListContent, (), (cursor, limit))
constexpr auto field_rules(const ListContent*) {
  return std::array{FieldRule{.name = "cursor", .maximum = 128, .has_default = true},
                    FieldRule{.name = "limit", .minimum = 1, .maximum = 1000, .has_default = true}};
}

struct AddContent {
  std::optional<std::string> path;
  std::string name;
  bool pin = true;
  bool hidden = false;
  int cid_version = 0;
  std::optional<bool> raw_leaves;
};
BOOST_DESCRIBE_STRUCT(AddContent, (), (path, name, pin, hidden, cid_version, raw_leaves))
constexpr auto field_rules(const AddContent*) {
  return std::array{
      FieldRule{.name = "path",
                .help = "a file or directory of the server's machine; takes server:exec. Else the "
                        "body is the file, as application/octet-stream",
                .minimum = 1,
                .maximum = 4096},
      FieldRule{.name = "name", .help = "shown in lists", .maximum = 255, .has_default = true},
      FieldRule{.name = "pin", .help = "keep it whatever the size limit", .has_default = true},
      FieldRule{.name = "hidden",
                .help = "of a directory: also what begins with a dot",
                .has_default = true},
      FieldRule{.name = "cid_version", .minimum = 0, .maximum = 1, .has_default = true},
      FieldRule{.name = "raw_leaves", .help = "default: with version 1, as kubo does"}};
}

struct OneContent {
  std::string cid;
};
BOOST_DESCRIBE_STRUCT(OneContent, (), (cid))

struct AskContent {
  std::string cid;
  std::string path;
  int offset = 0;
};
BOOST_DESCRIBE_STRUCT(AskContent, (), (cid, path, offset))
constexpr auto field_rules(const AskContent*) {
  return std::array{FieldRule{.name = "path",
                              .help = "what lies there in the directory: a/b.txt",
                              .maximum = 4096,
                              .has_default = true},
                    FieldRule{.name = "offset",
                              .help = "the first of a directory's entries to list; 1000 at a time",
                              .minimum = 0,
                              .maximum = kEntries,
                              .has_default = true}};
}

struct ReadContent {
  std::string cid;
  std::optional<std::string> path;
  std::optional<std::string> range;
};
BOOST_DESCRIBE_STRUCT(ReadContent, (), (cid, path, range))
constexpr auto field_rules(const ReadContent*) {
  return std::array{
      FieldRule{.name = "path", .help = "of a file in a directory: a/b.txt", .maximum = 4096},
      FieldRule{.name = "range", .help = "as the Range header: bytes=0-99", .maximum = 100}};
}

struct PinContent {
  std::string cid;
  std::string name;
};
BOOST_DESCRIBE_STRUCT(PinContent, (), (cid, name))
constexpr auto field_rules(const PinContent*) {
  return std::array{
      FieldRule{.name = "name", .help = "shown in lists", .maximum = 255, .has_default = true}};
}

base::Result<Cid> cid_of_input(const std::string& text) {
  auto cid = parse_cid(text);
  if (!cid) return base::bad_field("/cid", cid.error().detail);
  return cid;
}

JsonObject record_of(const store::ContentRoot& root) {
  return {{"cid", root.cid},
          {"name", root.name},
          {"size", root.size},
          {"blocks", root.blocks},
          {"block_bytes", root.block_bytes},
          {"pinned", root.pinned},
          {"added_by", root.added_by},
          {"added_at", base::format_rfc3339(root.added_at)}};
}

base::Result<ImportOptions> import_options(int cid_version, std::optional<bool> raw_leaves) {
  return ImportOptions{.cid_version = cid_version,
                       .raw_leaves = raw_leaves.value_or(cid_version == 1)};
}

namespace {

constexpr std::size_t kFilePiece = 4U << 20U;  // bytes read at a time

TaskResult<JsonObject> list(Engine* content, ListContent input) {
  auto roots = co_await content->shelf().list(input.cursor, static_cast<std::size_t>(input.limit));
  if (!roots) co_return std::unexpected(roots.error());
  JsonArray items;
  for (const auto& root : *roots) items.push_back(record_of(root));
  const bool more = roots->size() == static_cast<std::size_t>(input.limit);
  co_return JsonObject{{"items", std::move(items)},
                       {"next_cursor", more ? base::Json(roots->back().cid) : base::Json(nullptr)}};
}

// A descriptor of a regular file; it blocks.
base::Result<std::shared_ptr<const int>> open_file(const std::string& path) {
  if (!path.starts_with('/')) return base::bad_field("/path", "must begin with /");
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return base::bad_field("/path", "cannot be opened");
  std::shared_ptr<const int> out(new int(fd), [](const int* one) {
    ::close(*one);
    delete one;
  });
  struct stat facts{};
  if (::fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode))
    return base::bad_field("/path", "is no regular file");
  return out;
}

base::Result<std::string> read_piece(int fd) {
  std::string out(kFilePiece, '\0');
  const auto got = ::read(fd, out.data(), out.size());
  if (got < 0) return base::bad_field("/path", "cannot be read");
  out.resize(static_cast<std::size_t>(got));
  return out;
}

TaskResult<bool> import_file(Engine* content, ContextPtr context, std::string path,
                             std::shared_ptr<Import> import) {
  auto& pool = content->library().blocking();
  auto file = co_await pool.run([path = std::move(path)] { return open_file(path); });
  if (!file) co_return std::unexpected(file.error());
  for (std::uint64_t told = 0;;) {
    auto fed = co_await pool.run([file = *file, import]() -> base::Result<bool> {
      auto piece = read_piece(*file);
      if (!piece) return std::unexpected(piece.error());
      if (piece->empty()) return false;
      if (auto done = import->feed(*piece); !done) return std::unexpected(done.error());
      return true;
    });
    if (!fed) co_return std::unexpected(fed.error());
    if (!*fed) co_return true;
    if (import->size() - told < (64U << 20U)) continue;
    told = import->size();
    context->progress(static_cast<double>(told), std::nullopt, "bytes read", {});
  }
}

// As kubo does: links are not followed, hidden names left out; what is neither a file, a directory
// nor a link is refused.
TaskResult<bool> import_directory(Engine* content, ContextPtr context, std::string root,
                                  bool hidden, std::shared_ptr<Import> import) {
  auto& pool = content->library().blocking();
  auto found = co_await pool.run([root, hidden] { return base::list_tree(root, hidden); });
  if (!found) co_return std::unexpected(found.error());
  using Kind = base::TreePath::Kind;
  for (const auto& one : *found) {
    if (one.kind == Kind::file) {
      auto begun =
          co_await pool.run([import, path = one.path] { return import->begin_file(path); });
      if (!begun) co_return std::unexpected(begun.error());
      std::string path = root;
      path.append("/").append(one.path);
      auto read = co_await import_file(content, context, std::move(path), import);
      if (!read) co_return std::unexpected(read.error());
      continue;
    }
    auto added = co_await pool.run([import, one] {
      return one.kind == Kind::symlink ? import->add_symlink(one.path, one.target)
                                       : import->add_directory(one.path);
    });
    if (!added) co_return std::unexpected(added.error());
  }
  co_return true;
}

TaskResult<JsonObject> add(Engine* content, ContextPtr context, AddContent input) {
  const auto bytes = context->bytes();
  if (input.path && !context->actor().may("server:exec"))
    co_return base::fail(base::Code::permission_denied,
                         "a file of the server's machine takes the permission server:exec");
  if (!input.path && !bytes)
    co_return base::bad_field(
        "",
        "the file must be the body, with Content-Type: application/octet-stream; or name a "
        "path; or send it in pieces to /api/content/uploads");
  auto options = import_options(input.cid_version, input.raw_leaves);
  if (!options) co_return std::unexpected(options.error());
  auto& pool = content->library().blocking();
  bool of_directory = false;
  if (input.path) {
    const auto looked = co_await pool.run([path = *input.path]() -> base::Result<bool> {
      std::error_code error;
      return path.starts_with('/') && std::filesystem::is_directory(path, error);
    });
    if (!looked) co_return std::unexpected(looked.error());
    of_directory = *looked;
  }
  auto import = std::make_shared<Import>(content->library().disk(), *options, of_directory);
  if (of_directory) {
    while (input.path->size() > 1 && input.path->ends_with('/')) input.path->pop_back();
    auto read = co_await import_directory(content, context, *input.path, input.hidden, import);
    if (!read) co_return std::unexpected(read.error());
  } else if (input.path) {
    auto read = co_await import_file(content, context, *input.path, import);
    if (!read) co_return std::unexpected(read.error());
  } else {
    auto fed = co_await pool.run([import, bytes] { return import->feed(*bytes); });
    if (!fed) co_return std::unexpected(fed.error());
  }
  auto done = co_await pool.run([import] { return import->finish(); });
  if (!done) co_return std::unexpected(done.error());
  if (input.path && input.name.empty())
    input.name = std::filesystem::path(*input.path).filename().string().substr(0, 255);
  auto root = co_await content->shelf().shelve(
      import, {.name = std::move(input.name), .pin = input.pin, .by = context->actor().name});
  if (!root) co_return std::unexpected(root.error());
  context->set_subject(root->cid);
  co_return record_of(*root);
}

TaskResult<JsonObject> stat(Engine* content, AskContent input) {
  const auto cid = cid_of_input(input.cid);
  if (!cid) co_return std::unexpected(cid.error());
  co_return co_await stat_answer(content, *cid, std::move(input.path),
                                 static_cast<std::size_t>(input.offset));
}

TaskResult<JsonObject> read(Engine* content, ContextPtr context, ReadContent input) {
  const auto cid = cid_of_input(input.cid);
  if (!cid) co_return std::unexpected(cid.error());
  auto answer =
      co_await bytes_answer(content, *cid, input.path.value_or(""), input.range.value_or(""));
  if (!answer) co_return std::unexpected(answer.error());
  const auto size = answer->size;
  if (!context->answer_bytes(std::move(*answer)))
    co_return base::fail(base::Code::unsupported, "bytes are given over REST only");
  co_return JsonObject{{"bytes", size}};
}

TaskResult<JsonObject> pin(Engine* content, ContextPtr context, PinContent input) {
  const auto cid = cid_of_input(input.cid);
  if (!cid) co_return std::unexpected(cid.error());
  context->set_subject(input.cid);
  auto root = co_await content->shelf().pin(
      *cid, {.name = std::move(input.name), .pin = true, .by = context->actor().name},
      [context](std::uint64_t blocks, std::uint64_t bytes) {
        context->progress(static_cast<double>(blocks), std::nullopt,
                          std::to_string(blocks) + " blocks, " + std::to_string(bytes) + " bytes",
                          {});
      });
  if (!root) co_return std::unexpected(root.error());
  co_return record_of(*root);
}

TaskResult<JsonObject> unpin(Engine* content, ContextPtr context, OneContent input) {
  const auto cid = cid_of_input(input.cid);
  if (!cid) co_return std::unexpected(cid.error());
  context->set_subject(input.cid);
  auto root = co_await content->shelf().unpin(*cid);
  if (!root) co_return std::unexpected(root.error());
  co_return record_of(*root);
}

JsonObject describe(const Collected& freed) {
  return {{"blocks", freed.blocks}, {"bytes", freed.bytes}};
}

TaskResult<JsonObject> remove(Engine* content, ContextPtr context, OneContent input) {
  const auto cid = cid_of_input(input.cid);
  if (!cid) co_return std::unexpected(cid.error());
  context->set_subject(input.cid);
  auto freed = co_await content->shelf().remove(*cid);
  if (!freed) co_return std::unexpected(freed.error());
  co_return describe(*freed);
}

TaskResult<JsonObject> collect(Engine* content, runtime::Nothing) {
  auto freed = co_await content->shelf().collect();
  if (!freed) co_return std::unexpected(freed.error());
  co_return describe(*freed);
}

TaskResult<JsonObject> status(Engine* content, runtime::Nothing) {
  co_return status_answer(*content);
}

runtime::OperationSpec spec_of(std::string name, std::string help, bool changes,
                               std::vector<runtime::Route> routes) {
  return {.name = "content." + std::move(name),
          .help = std::move(help),
          .permission = changes ? "content:write" : "content:read",
          .changes = changes,
          .routes = std::move(routes),
          .group = "Content"};
}

// Those that need no context, and those that do.
template <class Input>
void add_plain(runtime::OperationRegistry& registry, Engine& content, runtime::OperationSpec spec,
               TaskResult<JsonObject> (*body)(Engine*, Input)) {
  registry.add(runtime::declare<Input, JsonObject>(
      std::move(spec), [engine = &content, body](ContextPtr, Input input) {
        return body(engine, std::move(input));
      }));
}

template <class Input>
void add_with(runtime::OperationRegistry& registry, Engine& content, runtime::OperationSpec spec,
              TaskResult<JsonObject> (*body)(Engine*, ContextPtr, Input)) {
  registry.add(runtime::declare<Input, JsonObject>(
      std::move(spec), [engine = &content, body](ContextPtr context, Input input) {
        return body(engine, std::move(context), std::move(input));
      }));
}

}  // namespace

void declare_operations(runtime::OperationRegistry& registry, Engine& content) {
  add_plain(registry, content,
            spec_of("list", "What was added or pinned", false, {{"GET", "/api/content"}}), list);
  add_plain(registry, content,
            spec_of("status", "Figures of the content store and of its gateways", false,
                    {{"GET", "/api/content/status"}}),
            status);
  auto adding =
      spec_of("add", "Adds a file, or a directory by its path; answers the CID kubo would give",
              true, {{"POST", "/api/content", 201}});
  adding.takes_bytes = true;
  adding.time_limit = std::chrono::hours(2);
  add_with(registry, content, std::move(adding), add);
  auto asking = spec_of("stat", "One file or directory, fetched when it is not here", false,
                        {{"GET", "/api/content/{cid}"}});
  asking.time_limit = std::chrono::seconds(90);
  add_plain(registry, content, std::move(asking), stat);
  auto reading = spec_of("read", "A file's bytes, or a range of them", false,
                         {{"GET", "/api/content/{cid}/bytes"}});
  reading.gives_bytes = true;
  reading.time_limit = std::chrono::seconds(90);
  add_with(registry, content, std::move(reading), read);
  auto pinning = spec_of("pin", "Keeps it and all its blocks, fetched when they are not here", true,
                         {{"POST", "/api/content/{cid}/pin"}});
  pinning.time_limit = std::chrono::hours(6);
  add_with(registry, content, std::move(pinning), pin);
  add_with(registry, content,
           spec_of("unpin", "Lets it go when room is needed", true,
                   {{"DELETE", "/api/content/{cid}/pin"}}),
           unpin);
  add_with(registry, content,
           spec_of("remove", "Removes it and its blocks", true, {{"DELETE", "/api/content/{cid}"}}),
           remove);
  auto collecting = spec_of("collect", "Removes every block that is not pinned", true,
                            {{"POST", "/api/content/gc"}});
  collecting.time_limit = std::chrono::minutes(30);
  add_plain(registry, content, std::move(collecting), collect);
}

}  // namespace telltale::content
