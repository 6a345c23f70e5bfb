// Copyright: (c) 2026, the interlock.cluster contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * Mutual TLS between two sides with one node's stores, made into an SSLContext as a node of the engine makes it.
 * For each argument KEYSTORE,TRUSTSTORE,HOST prints "ok", or "refused: " and why. The client checks HOST
 * (verification mode full). The password of all stores is in STORE_PASSWORD.
 */
public class MutualTls {
    private static final char[] PASSWORD = System.getenv("STORE_PASSWORD").toCharArray();

    public static void main(String[] arguments) throws Exception {
        for (String argument : arguments) {
            String[] parts = argument.split(",");
            System.out.println(handshake(context(parts[0], parts[1]), parts[2]));
        }
    }

    private static KeyStore store(String path) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (var content = Files.newInputStream(Path.of(path))) {
            store.load(content, PASSWORD);
        }
        return store;
    }

    private static SSLContext context(String keystore, String truststore) throws Exception {
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store(keystore), PASSWORD);
        var trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store(truststore));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static String handshake(SSLContext context, String host) throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (var listening = (SSLServerSocket) context.getServerSocketFactory().createServerSocket(0, 1, loopback)) {
            listening.setNeedClientAuth(true);
            var served = CompletableFuture.supplyAsync(() -> serve(listening));
            try (var plain = new Socket(loopback, listening.getLocalPort());
                 var client = (SSLSocket) context.getSocketFactory().createSocket(plain, host, listening.getLocalPort(), true)) {
                SSLParameters parameters = client.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                client.setSSLParameters(parameters);
                client.startHandshake();
                // With TLS 1.3 the server judges the client's certificate when the client's handshake is over
                client.getInputStream().read();
            } catch (IOException refused) {
                return "refused: " + refused.getMessage();
            }
            return served.get();
        }
    }

    private static String serve(SSLServerSocket listening) {
        try (SSLSocket peer = (SSLSocket) listening.accept()) {
            peer.startHandshake();
            peer.getOutputStream().write(1);
            return "ok";
        } catch (IOException refused) {
            return "refused: " + refused.getMessage();
        }
    }
}
