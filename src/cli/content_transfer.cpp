#include "cli/content_transfer.hpp"

#include <filesystem>

#include "base/encoding.hpp"
#include "base/path_tree.hpp"
#include "cli/api_client.hpp"
#include "cli/session.hpp"

namespace telltale::cli {
namespace {

constexpr std::size_t kPiece = 8U << 20U;

base::Error problem_of(int status, std::string_view body) {
  const auto problem = base::parse_json(body);
  return {.code = base::code_from_http_status(status),
          .detail = problem && problem->is_object()
                        ? base::string_or(problem->get_object(), "detail", "HTTP error")
                        : "HTTP " + std::to_string(status)};
}

runtime::TaskResult<base::Json> put_piece(net::HttpClient* client, Connection connection,
                                          std::string path, std::string bytes) {
  net::ClientRequest request{
      .method = "PUT", .url = connection.url + path, .body = std::move(bytes)};
  request.headers.set("authorization", "Bearer " + connection.token);
  request.headers.set("content-type", "application/octet-stream");
  request.headers.set("prefer", "wait=300");
  auto answer = co_await client->request(std::move(request));
  if (!answer) co_return std::unexpected(answer.error());
  if (answer->status != 200) co_return std::unexpected(problem_of(answer->status, answer->body));
  co_return base::Json();
}

// One upload: where its pieces go, and how many bytes have gone.
struct Going {
  net::HttpClient client{*runtime::Loop::current(), {.header_timeout = std::chrono::minutes(6)}};
  Connection connection;
  std::string path;
  std::uint64_t offset = 0;
};

// `place`: of a directory's upload, what a piece belongs to; then an empty file is a piece too.
runtime::TaskResult<bool> send_pieces(Going* going, std::string place, std::FILE* file) {
  for (bool first = true;; first = false) {
    std::string bytes(kPiece, '\0');
    bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file));
    if (std::ferror(file) != 0)
      co_return base::fail(base::Code::invalid_argument, "the file cannot be read");
    if (bytes.empty() && (place.empty() || !first)) co_return true;
    const auto size = bytes.size();
    auto sent = co_await put_piece(&going->client, going->connection,
                                   going->path + "?offset=" + std::to_string(going->offset) + place,
                                   std::move(bytes));
    if (!sent) co_return std::unexpected(sent.error());
    going->offset += size;
  }
}

runtime::TaskResult<bool> send_tree(Going* going, std::string folder, bool hidden) {
  const auto all = base::list_tree(folder, hidden);
  if (!all) co_return std::unexpected(all.error());
  using Kind = base::TreePath::Kind;
  for (const auto& one : *all) {
    auto place = "&path=" + base::percent_encode(one.path);
    if (one.kind == Kind::file) {
      const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
          std::fopen((folder + "/" + one.path).c_str(), "rbe"),
          [](std::FILE* it) { return std::fclose(it); });
      if (!file) co_return base::fail(base::Code::invalid_argument, one.path + " cannot be opened");
      auto sent = co_await send_pieces(going, std::move(place), file.get());
      if (!sent) co_return sent;
      continue;
    }
    place += one.kind == Kind::symlink ? "&kind=symlink" : "&kind=directory";
    const auto size = one.target.size();
    auto sent = co_await put_piece(&going->client, going->connection,
                                   going->path + "?offset=" + std::to_string(going->offset) + place,
                                   one.target);
    if (!sent) co_return std::unexpected(sent.error());
    going->offset += size;
  }
  co_return true;
}

// Begins, lets `send` do it, and ends or gives up.
template <class Send>
runtime::TaskResult<base::Json> upload(Connection connection, Sending options, bool directory,
                                       Send send) {
  auto token = co_await access_token(connection);
  if (!token) co_return std::unexpected(token.error());
  connection.token = std::move(*token);
  base::JsonObject begin{
      {"name", options.name}, {"pin", options.pin}, {"cid_version", options.cid_version}};
  if (options.raw_leaves) begin["raw_leaves"] = true;
  if (directory) begin["directory"] = true;
  auto begun = co_await call_api(
      connection, {.method = "POST", .path = "/api/content/uploads", .body = std::move(begin)});
  if (!begun) co_return begun;
  Going going{.connection = connection,
              .path = "/api/content/uploads/" + base::string_or(begun->as_object(), "upload")};
  auto sent = co_await send(&going);
  if (!sent) {
    (void)co_await call_api(connection, {.method = "DELETE", .path = going.path});
    co_return std::unexpected(sent.error());
  }
  co_return co_await call_api(connection, {.method = "POST",
                                           .path = going.path + "/finish",
                                           .body = base::JsonObject(),
                                           .wait_s = 300});
}

}  // namespace

runtime::TaskResult<base::Json> send_content(Connection connection, std::FILE* file,
                                             Sending options) {
  return upload(std::move(connection), std::move(options), false,
                [file](Going* going) { return send_pieces(going, "", file); });
}

runtime::TaskResult<base::Json> send_directory(Connection connection, std::string folder,
                                               Sending options) {
  const bool hidden = options.hidden;
  return upload(std::move(connection), std::move(options), true,
                [folder = std::move(folder), hidden](Going* going) {
                  return send_tree(going, folder, hidden);
                });
}

runtime::TaskResult<std::uint64_t> receive_content(Connection connection, std::string what,
                                                   std::FILE* file) {
  const auto slash = what.find('/');
  auto path = "/api/content/" + base::percent_encode(what.substr(0, slash)) + "/bytes";
  if (slash != std::string::npos) path += "?path=" + base::percent_encode(what.substr(slash + 1));
  return receive_bytes(std::move(connection), std::move(path), file);
}

runtime::TaskResult<std::uint64_t> receive_bytes(Connection connection, std::string path,
                                                 std::FILE* file) {
  auto token = co_await access_token(connection);
  if (!token) co_return std::unexpected(token.error());
  net::HttpClient client(*runtime::Loop::current(), {.header_timeout = std::chrono::minutes(2)});
  net::ClientRequest request{.url = connection.url + path};
  request.headers.set("authorization", "Bearer " + *token);
  auto answer = co_await client.stream(std::move(request));
  if (!answer) co_return std::unexpected(answer.error());
  if ((*answer)->status() != 200) {
    auto body = co_await (*answer)->read_all(64U << 10U);
    co_return std::unexpected(problem_of((*answer)->status(), body.value_or("")));
  }
  for (std::uint64_t written = 0;;) {
    auto bytes = co_await (*answer)->read_some();
    if (!bytes) co_return std::unexpected(bytes.error());
    if (bytes->empty()) co_return written;
    if (std::fwrite(bytes->data(), 1, bytes->size(), file) != bytes->size())
      co_return base::fail(base::Code::storage, "the file cannot be written");
    written += bytes->size();
  }
}

runtime::TaskResult<base::Json> look_up_content(Connection connection, std::string what) {
  const auto slash = what.find('/');
  const auto path =
      "/api/content/" + base::percent_encode(what.substr(0, slash)) +
      "?path=" + (slash == std::string::npos ? "" : base::percent_encode(what.substr(slash + 1)));
  auto out = co_await call_api(connection, {.path = path, .wait_s = 90});
  if (!out) co_return out;
  auto& object = out->as_object();
  const auto count = base::find_integer(object, "entries_count").value_or(0);
  if (count == 0) co_return out;
  auto& entries = object["entries"].as_array();
  while (static_cast<std::int64_t>(entries.size()) < count) {
    auto more = co_await call_api(
        connection, {.path = path + "&offset=" + std::to_string(entries.size()), .wait_s = 90});
    if (!more) co_return more;
    const auto* next = base::find_array(more->as_object(), "entries");
    if (next == nullptr || next->empty())
      co_return base::fail(base::Code::internal, "the list of the directory ends too early");
    for (const auto& one : *next) entries.push_back(one);
  }
  co_return out;
}

namespace {

namespace fs = std::filesystem;

base::Error storage(std::string detail) {
  return {.code = base::Code::storage, .detail = std::move(detail)};
}

// Names come from strangers: one that leads elsewhere is refused, and so is one that is there
// twice. Links are made last of all, so that nothing is written through them.
class Unpacking {
 public:
  explicit Unpacking(Connection connection) : connection_(std::move(connection)) {}

  static runtime::TaskResult<bool> directory(Unpacking* self, base::Json facts, std::string what,
                                             fs::path into, int depth) {
    const auto* entries = base::find_array(facts.as_object(), "entries");
    if (entries == nullptr) co_return base::fail(base::Code::invalid_argument, "no directory");
    if (depth > 100) co_return base::fail(base::Code::invalid_argument, "it is too deep");
    std::error_code error;
    if (!fs::create_directory(into, error) && (error || depth > 0 || !fs::is_empty(into, error)))
      co_return std::unexpected(storage(into.string() + " is there already, or cannot be made"));
    for (const auto& entry : *entries) {
      const auto name = base::string_or(entry.as_object(), "name");
      if (name.empty() || name == "." || name == ".." ||
          name.find_first_of(std::string_view("/\0", 2)) != std::string::npos)
        co_return base::fail(base::Code::invalid_argument, "a name in it is no file name");
      auto inside = what;
      inside.append("/").append(name);
      auto done = co_await one(self, std::move(inside), into / name, depth + 1);
      if (!done) co_return done;
    }
    co_return true;
  }
  base::Result<void> make_links() const {
    for (const auto& [path, target] : links_) {
      std::error_code error;
      fs::create_symlink(target, path, error);
      if (error) return std::unexpected(storage(path.string() + " cannot be made"));
    }
    return {};
  }
  std::uint64_t bytes() const noexcept { return bytes_; }

 private:
  static runtime::TaskResult<bool> one(Unpacking* self, std::string what, fs::path path,
                                       int depth) {
    auto facts = co_await look_up_content(self->connection_, what);
    if (!facts) co_return std::unexpected(facts.error());
    const auto type = base::string_or(facts->as_object(), "type");
    if (type == "symlink") {
      self->links_.emplace_back(path, base::string_or(facts->as_object(), "target"));
      co_return true;
    }
    if (type == "directory")
      co_return co_await directory(self, std::move(*facts), what, path, depth);
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
        std::fopen(path.c_str(), "wbxe"), [](std::FILE* it) { return std::fclose(it); });
    if (!file) co_return std::unexpected(storage(path.string() + " cannot be written"));
    auto got = co_await receive_content(self->connection_, what, file.get());
    if (!got) co_return std::unexpected(got.error());
    if (std::fflush(file.get()) != 0)
      co_return std::unexpected(storage(path.string() + " cannot be written"));
    self->bytes_ += *got;
    co_return true;
  }

  const Connection connection_;
  std::vector<std::pair<fs::path, std::string>> links_;
  std::uint64_t bytes_ = 0;
};

}  // namespace

runtime::TaskResult<std::uint64_t> receive_directory(Connection connection, std::string what,
                                                     std::string into) {
  auto token = co_await access_token(connection);
  if (!token) co_return std::unexpected(token.error());
  connection.token = std::move(*token);
  auto facts = co_await look_up_content(connection, what);
  if (!facts) co_return std::unexpected(facts.error());
  Unpacking unpacking(connection);
  auto done = co_await Unpacking::directory(&unpacking, std::move(*facts), what, into, 0);
  if (!done) co_return std::unexpected(done.error());
  if (auto linked = unpacking.make_links(); !linked) co_return std::unexpected(linked.error());
  co_return unpacking.bytes();
}

}  // namespace telltale::cli
