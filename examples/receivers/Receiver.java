import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Receiver of messages from zhaoren (Standard Webhooks), for Java 11 and newer, without libraries.
 *
 * <pre>java Receiver.java SECRET_FILE [PORT]</pre>
 *
 * Prints the body of each message. To be adapted: {@code handle} (with the JSON library of the portal), and a store for
 * {@code SEEN} that survives a restart. In Spring, the body has to be taken as {@code byte[]}, unchanged.
 */
public final class Receiver {
    private static final long TOLERANCE_SECONDS = 300;
    private static final int MAX_BODY = 64 * 1024;
    private static final Set<String> SEEN = ConcurrentHashMap.newKeySet();

    private Receiver() {}

    public static void main(String[] arguments) throws IOException {
        String first = Files.readString(Path.of(arguments[0])).lines().findFirst().orElseThrow().strip();
        byte[] secret = Base64.getDecoder().decode(first.startsWith("whsec_") ? first.substring(6) : first);
        int port = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 8099;
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.setExecutor(Executors.newFixedThreadPool(4));
        server.createContext("/", exchange -> answer(exchange, secret));
        server.start();
        System.out.println("listening " + server.getAddress().getPort());
    }

    private static void answer(HttpExchange exchange, byte[] secret) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY + 1);
            int status = 204;
            String id = header(exchange, "webhook-id");
            if (!exchange.getRequestMethod().equals("POST")) {
                status = 405;
            } else if (body.length > MAX_BODY) {
                status = 413;
            } else if (!isSound(exchange, secret, id, body)) {
                status = 401;
            } else if (!SEEN.contains(id)) {
                // The same message may arrive more than once, always with the same id.
                handle(new String(body, StandardCharsets.UTF_8));
                SEEN.add(id);
            }
            exchange.sendResponseHeaders(status, -1);
        }
    }

    /** What the portal does with a message: here, a line. */
    private static void handle(String message) {
        System.out.println(message);
    }

    private static boolean isSound(HttpExchange exchange, byte[] secret, String id, byte[] body) {
        String timestamp = header(exchange, "webhook-timestamp");
        if (id.isEmpty() || !timestamp.matches("\\d{1,18}")) {
            return false;
        }
        if (Math.abs(System.currentTimeMillis() / 1000 - Long.parseLong(timestamp)) > TOLERANCE_SECONDS) {
            return false;
        }
        byte[] own = ("v1," + signature(secret, id, timestamp, body)).getBytes(StandardCharsets.UTF_8);
        for (String shown : header(exchange, "webhook-signature").split(" ")) {
            if (MessageDigest.isEqual(own, shown.getBytes(StandardCharsets.UTF_8))) {
                return true;
            }
        }
        return false;
    }

    private static String signature(byte[] secret, String id, String timestamp, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(mac.doFinal(body));
        } catch (GeneralSecurityException cause) {
            throw new IllegalStateException(cause);
        }
    }

    private static String header(HttpExchange exchange, String name) {
        String value = exchange.getRequestHeaders().getFirst(name);
        return value == null ? "" : value;
    }
}
